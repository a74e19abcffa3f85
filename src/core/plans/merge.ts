import { SkeinError } from "../base/errors.ts";
import { planErrors } from "./errors.ts";
import { findCycle, inOrder, linkTasks } from "./graph.ts";
import type { TaskGraph } from "./graph.ts";
import type { PlanDraft, TaskDraft, Verify } from "./plan.ts";
import { parseTexts } from "./records.ts";
import { decideState, isMet, open } from "./merge-state.ts";
import type { State, StateEntry } from "./merge-state.ts";
import { scoreOf } from "./score.ts";
import type { TaskRow } from "./tables.ts";
import type { TaskStatus } from "./task.ts";

/** The columns of a task that its plan file decides, as stored. */
export interface Content {
  readonly title: string;
  readonly spec: string;
  readonly files: string;
  readonly depends_on: string;
  readonly priority: TaskDraft["priority"];
  readonly minutes: number;
  readonly skills: string;
  readonly accept: string;
  readonly parent: string | null;
  readonly budget_micro_usd: number | null;
  readonly not_before_ms: number | null;
}

/** A task as it shall stand after an import. */
export interface MergedTask extends Content {
  readonly id: string;
  readonly position: number;
  readonly start_ms: number | null;
  readonly is_container: number;
  readonly unmet: number;
  readonly dependents: number;
  readonly rank: number;
  readonly status: TaskStatus;
  readonly reason: string | null;
  readonly cause: string | null;
  readonly blocked_by: string | null;
  /** What is stored now, or null for a new task. */
  readonly before: TaskRow | null;
}

/** What an import comes to. */
export interface Merge {
  readonly tasks: readonly MergedTask[];
  readonly graph: TaskGraph;
  /** Stored tasks that the file left out and that are to be canceled. */
  readonly leftOut: readonly TaskRow[];
  /** Stored tasks that were canceled already when a file left them out: they lose their place in the order. */
  readonly forgotten: readonly TaskRow[];
  readonly kept: readonly string[];
  readonly deferred: readonly string[];
  readonly verify: Verify;
}

const frozenStatuses: ReadonlySet<string> = new Set(["claimed", "submitted", "done"]);

interface Entry extends StateEntry {
  readonly id: string;
  readonly content: Content;
}

/**
 * Merges a plan file into what is stored.
 *
 * Claimed, submitted and done tasks stay as they are, whatever the file says; the others become as the file says, and come back when an
 * earlier file had left them out or when the plan was canceled.
 *
 * @throws {SkeinError} SKN-1407 when the file together with the tasks that stay has a cycle, SKN-4404 when a task in work would become
 * a container.
 */
export function mergePlan(
  stored: { readonly rows: readonly TaskRow[]; readonly isCanceled: boolean },
  draft: PlanDraft,
): Merge {
  const byId = new Map(stored.rows.map((row) => [row.id, row]));
  const entries = draft.tasks.map((task) => entryOf(task, byId.get(task.id) ?? null));
  const named = new Set(draft.tasks.map(({ id }) => id));
  const missing = stored.rows.filter((row) => !named.has(row.id));
  const kept = missing.filter((row) => frozenStatuses.has(row.status));
  const all = [...entries, ...kept.map((row) => keptEntry(row))];
  const graph = linkEntries(all);
  return {
    tasks: stateOf(all, graph, stored.isCanceled),
    graph,
    leftOut: missing.filter((row) => !frozenStatuses.has(row.status) && row.status !== "canceled"),
    forgotten: missing.filter((row) => row.status === "canceled" && row.is_left_out === 0),
    kept: kept.map(({ id }) => id),
    deferred: entries.flatMap(({ id, before, isFrozen }, at) => {
      const task = draft.tasks[at];
      const isChanged =
        isFrozen && before !== null && task !== undefined && !hasContent(before, contentOf(task));
      return isChanged ? [id] : [];
    }),
    verify: draft.verify,
  };
}

function entryOf(task: TaskDraft, before: TaskRow | null): Entry {
  const isFrozen = before !== null && frozenStatuses.has(before.status);
  const content = isFrozen ? storedContent(before) : contentOf(task);
  return { id: task.id, content, before, isFrozen, isTicked: task.isDone };
}

function keptEntry(row: TaskRow): Entry {
  return { id: row.id, content: storedContent(row), before: row, isFrozen: true, isTicked: false };
}

function contentOf(task: TaskDraft): Content {
  return {
    title: task.title,
    spec: task.spec,
    files: JSON.stringify(task.files),
    depends_on: JSON.stringify(task.dependsOn),
    priority: task.priority,
    minutes: task.minutes,
    skills: JSON.stringify(task.skills),
    accept: JSON.stringify(task.accept),
    parent: task.parent,
    budget_micro_usd: task.budgetMicroUsd,
    not_before_ms: task.notBeforeMs,
  };
}

function storedContent(row: TaskRow): Content {
  const { title, spec, files, depends_on, minutes, skills, accept, parent } = row;
  const { budget_micro_usd, not_before_ms } = row;
  const priority = priorityOf(row.priority);
  return {
    title,
    spec,
    files,
    depends_on,
    priority,
    minutes,
    skills,
    accept,
    parent,
    budget_micro_usd,
    not_before_ms,
  };
}

function priorityOf(text: string): Content["priority"] {
  return text === "critical" || text === "high" || text === "low" ? text : "medium";
}

/** Tells whether a stored task says just this. */
export function hasContent(row: TaskRow, content: Content): boolean {
  return contentKeys.every((key) => row[key] === content[key]);
}

const contentKeys = [
  "title",
  "spec",
  "files",
  "depends_on",
  "priority",
  "minutes",
  "skills",
  "accept",
  "parent",
  "budget_micro_usd",
  "not_before_ms",
] as const satisfies readonly (keyof Content)[];

const edgeLimit = 200_000;

function linkEntries(entries: readonly Entry[]): TaskGraph {
  const ids = new Set(entries.map(({ id }) => id));
  const tasks = entries.map(({ id, content }) => ({
    id,
    dependsOn: parseTexts(content.depends_on).filter((other) => ids.has(other)),
    parent: content.parent !== null && ids.has(content.parent) ? content.parent : null,
  }));
  const cycle = findCycle(tasks);
  if (cycle !== null) {
    throw new SkeinError(planErrors.planCycle, {
      message: `With the tasks that are already in work, these wait for each other: ${cycle.join(" -> ")}.`,
      facts: { cycle },
    });
  }
  const graph = linkTasks(tasks);
  if (graph.edgeCount > edgeLimit) {
    throw new SkeinError(planErrors.planTooLarge, {
      message: `The tasks have ${graph.edgeCount} dependencies with those that containers pass on; at most ${edgeLimit} are allowed.`,
      facts: { edges: graph.edgeCount, limit: edgeLimit },
    });
  }
  const inWork = entries.find(
    ({ id, before }) =>
      graph.containers.has(id) && (before?.status === "claimed" || before?.status === "submitted"),
  );
  if (inWork !== undefined) {
    throw new SkeinError(planErrors.taskInWork, {
      message: `Task ${inWork.id} is ${inWork.before?.status ?? "in work"} and cannot become a container.`,
      facts: { task: inWork.id },
    });
  }
  return graph;
}

function stateOf(
  entries: readonly Entry[],
  graph: TaskGraph,
  isPlanCanceled: boolean,
): readonly MergedTask[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const states = new Map<string, State>();
  for (const id of inOrder(graph.edges)) {
    const entry = byId.get(id);
    if (entry !== undefined) {
      const waitsFor = [...(graph.edges.get(id) ?? [])].map((other) => ({
        id: other,
        state: states.get(other) ?? open,
      }));
      states.set(
        id,
        decideState(entry, { waitsFor, isPlanCanceled, isContainer: graph.containers.has(id) }),
      );
    }
  }
  return entries.map((entry, position) => mergedTask({ entry, position, graph, states }));
}

interface Placing {
  readonly entry: Entry;
  readonly position: number;
  readonly graph: TaskGraph;
  readonly states: ReadonlyMap<string, State>;
}

function mergedTask({ entry, position, graph, states }: Placing): MergedTask {
  const { id, content, before } = entry;
  const state = states.get(id) ?? open;
  const isContainer = graph.containers.has(id);
  const waitsFor = [...(graph.edges.get(id) ?? [])];
  const unmet = waitsFor.filter((other) => !isMet(states.get(other) ?? open, isContainer)).length;
  const dependents = graph.dependents.get(id) ?? 0;
  const score = scoreOf({
    priority: content.priority,
    minutes: content.minutes,
    dependents,
    isPathLeased: false,
    hasDependencies: !isContainer && waitsFor.length > 0,
  });
  const isTimeKept = before !== null && before.not_before_ms === content.not_before_ms;
  return {
    ...content,
    id,
    position,
    unmet,
    dependents,
    before,
    rank: -score,
    is_container: isContainer ? 1 : 0,
    start_ms: isTimeKept ? before.start_ms : content.not_before_ms,
    status: state.status,
    reason: state.reason,
    cause: state.cause,
    blocked_by: state.blockedBy,
  };
}

/** False also when only its place or what follows from other tasks differs. */
export function isStored(task: MergedTask): boolean {
  const row = task.before;
  return (
    row !== null &&
    hasContent(row, task) &&
    row.is_left_out === 0 &&
    row.position === task.position &&
    row.is_container === task.is_container &&
    row.unmet === task.unmet &&
    row.rank === task.rank &&
    row.dependents === task.dependents &&
    row.status === task.status
  );
}

/** Tells whether a task may still be handed out or integrated. */
export function isOpen(status: string): boolean {
  return status !== "done" && status !== "failed" && status !== "canceled";
}
