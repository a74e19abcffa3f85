import { cleanLine } from "../base/text.ts";
import type { CodeHost, Issue } from "../hosting/index.ts";
import type { Work, WorkedPlan } from "../decomposition/index.ts";
import type { PlanDraft, TaskDraft, TaskStatus } from "../plans/index.ts";
import type { EventIssue } from "./intake.ts";

/** The Skein plan of all issues that events made. */
const eventPlan = "github-events";

/** What was brought into step. */
export interface KeptTasks {
  /** Tasks that changed. */
  readonly tasks: readonly string[];
  /** Issues that were closed since their task is over. */
  readonly closed: readonly number[];
}

interface Keeping {
  readonly host: CodeHost;
  readonly work: Work | null;
}

/**
 * Brings the issues and their tasks to say the same: an issue that is closed ends its task, and a task that is over closes its issue. Without
 * a database the issues alone are the work.
 */
export async function keepTasks(
  { host, work }: Keeping,
  issues: readonly EventIssue[],
): Promise<KeptTasks> {
  if (work === null || issues.length === 0) {
    return { tasks: [], closed: [] };
  }
  const own = issues.map(({ issue }) => issue);
  await endTasks(work, own);
  const tasks = await work.take(planOf(own), false);
  const worked = await work.read(eventPlan);
  return { tasks, closed: await closeEnded(host, own, worked) };
}

function taskOf({ number }: Pick<Issue, "number">): string {
  return `i${String(number)}`;
}

function isDropped({ isOpen, closedAs }: Issue): boolean {
  return !isOpen && (closedAs === "not_planned" || closedAs === "duplicate");
}

/** It follows from the issues alone. What was dropped is no task. */
function planOf(issues: readonly Issue[]): PlanDraft {
  return {
    id: eventPlan,
    title: "What happened on GitHub",
    verify: "merge",
    budgetMicroUsd: null,
    tasks: issues
      .filter((issue) => !isDropped(issue))
      .toSorted((one, other) => one.number - other.number)
      .map((issue) => draftOf(issue)),
  };
}

function draftOf(issue: Issue): TaskDraft {
  return {
    id: taskOf(issue),
    title: cleanLine(issue.title, 200),
    spec: `GitHub issue #${String(issue.number)}.\n\n${issue.body}`,
    files: [],
    dependsOn: [],
    priority: "high",
    minutes: 30,
    skills: [],
    accept: [],
    parent: null,
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: !issue.isOpen,
    line: null,
  };
}

/** What a task that somebody works at needs before its issue's end can be taken over. */
const towardsDone: Readonly<Partial<Record<TaskStatus, "finish" | "release">>> = {
  claimed: "release",
  submitted: "finish",
};

async function endTasks(work: Work, issues: readonly Issue[]): Promise<void> {
  const worked = await work.read(eventPlan);
  for (const issue of issues.filter(({ isOpen }) => !isOpen)) {
    const task = taskOf(issue);
    const move = moveOf(issue, worked?.tasks.get(task)?.status ?? null);
    if (move !== null) {
      const reason = `#${String(issue.number)} was closed on GitHub`;
      const person = issue.closedBy?.login ?? "github";
      await work[move]({ plan: eventPlan, task, person, reason });
    }
  }
}

/** Null: nothing is to be done, or the import of the plan, which ticks what is closed, does it. */
function moveOf(issue: Issue, status: TaskStatus | null): "cancel" | "finish" | "release" | null {
  if (status === null || status === "done" || status === "canceled") {
    return null;
  }
  return isDropped(issue) ? "cancel" : (towardsDone[status] ?? null);
}

async function closeEnded(
  host: CodeHost,
  issues: readonly Issue[],
  worked: WorkedPlan | null,
): Promise<readonly number[]> {
  const closed: number[] = [];
  for (const issue of issues.filter(({ isOpen }) => isOpen)) {
    const status = worked?.tasks.get(taskOf(issue))?.status;
    if (status === "done" || status === "canceled") {
      const closedAs = status === "done" ? "completed" : "not_planned";
      await host.issues.update(issue.number, { state: { isOpen: false, closedAs } });
      closed.push(issue.number);
    }
  }
  return closed;
}
