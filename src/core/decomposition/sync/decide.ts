import type { ClosedAs, Issue } from "../../hosting/index.ts";
import type { TaskStatus } from "../../plans/index.ts";
import type { ChildState, Settled } from "../state.ts";

/** What a child's issue says now. */
export interface IssueSide {
  readonly isOpen: boolean;
  readonly closedAs: ClosedAs;
  /**
   * Whether the word of whoever closed it counts: `writer` for people with write access and for Skein itself, `other` for everybody else and
   * for bots; null: it is open, or closed as it was when Skein last looked.
   */
  readonly closer: "other" | "writer" | null;
  /** True when the host told that it was just reopened. */
  readonly isReopened: boolean;
}

/** Both sides of one child. */
export interface ChildSides {
  readonly known: Pick<ChildState, "round" | "settled">;
  /** Null: it was deleted or moved away. */
  readonly issue: IssueSide | null;
  /** How the task of an attempt stands; null: there is none, or no database. */
  readonly taskOf: (round: number) => TaskStatus | null;
}

/** What becomes of a child. */
export interface ChildDecision {
  readonly settled: Settled;
  readonly round: number;
  /** How its task has to end; null: it goes on as it does. */
  readonly want: "canceled" | "done" | null;
  /** How Skein closes the issue; null: it leaves it. */
  readonly close: "completed" | "not_planned" | null;
}

/**
 * Decides what becomes of a child. GitHub owns whether it is open: closed by somebody whose word counts, it is done or canceled in Skein, and
 * reopened it is a new attempt. Skein closes it when its task has ended, and what it closed itself counts as closed by a writer, so that it
 * answers nothing. A close by anybody else is put aside and moves no task.
 */
export function decideChild({ known, issue, taskOf }: ChildSides): ChildDecision {
  if (issue === null) {
    return { settled: "gone", round: known.round, want: "canceled", close: null };
  }
  return issue.isOpen ? decideOpen(known, issue, taskOf) : decideClosed(known, issue, taskOf);
}

function decideOpen(
  { settled, round }: ChildSides["known"],
  { isReopened }: IssueSide,
  taskOf: ChildSides["taskOf"],
): ChildDecision {
  const wasEnded = settled === "completed" || settled === "canceled" || settled === "gone";
  if (wasEnded || (isReopened && hasEnded(taskOf(round)))) {
    return { settled: "open", round: round + 1, want: null, close: null };
  }
  const task = taskOf(round);
  if (task === "done") {
    return { settled: "completed", round, want: "done", close: "completed" };
  }
  return task === "canceled"
    ? { settled: "canceled", round, want: "canceled", close: "not_planned" }
    : { settled: "open", round, want: null, close: null };
}

function decideClosed(
  { settled, round }: ChildSides["known"],
  { closer, closedAs }: IssueSide,
  taskOf: ChildSides["taskOf"],
): ChildDecision {
  const said = closedAs === "not_planned" || closedAs === "duplicate" ? "canceled" : "completed";
  const isKnown = settled === said;
  if (closer === "writer" || isKnown) {
    return counted(said, round, taskOf(round));
  }
  // Nobody whose word counts has closed it; Skein's own work may have come to the same end.
  const task = taskOf(round);
  if (task === "done" || task === "canceled") {
    return { settled: task === "done" ? "completed" : "canceled", round, want: task, close: null };
  }
  return { settled: "aside", round, want: null, close: null };
}

/** A task that was given up is not brought back: the writer's word is of a new attempt. */
function counted(
  said: "canceled" | "completed",
  round: number,
  task: TaskStatus | null,
): ChildDecision {
  if (said === "canceled") {
    return { settled: said, round, want: task === "done" ? "done" : "canceled", close: null };
  }
  const isGivenUp = task === "canceled" || task === "failed";
  return { settled: said, round: isGivenUp ? round + 1 : round, want: "done", close: null };
}

function hasEnded(status: TaskStatus | null): boolean {
  return status === "done" || status === "canceled";
}

/**
 * True where it has to be asked who closed an issue: it is closed, and not as it was when Skein last looked.
 */
export function needsCloser(
  known: Pick<ChildState, "closer" | "settled">,
  issue: Pick<Issue, "closedAs" | "closedBy" | "isOpen">,
): boolean {
  if (issue.isOpen) {
    return false;
  }
  const isOther = issue.closedBy !== null && issue.closedBy.id !== known.closer;
  const said =
    issue.closedAs === "not_planned" || issue.closedAs === "duplicate" ? "canceled" : "completed";
  return known.settled === "aside" ? issue.closedBy === null || isOther : known.settled !== said;
}

/** What is done to a task so that it ends as wanted. */
export type TaskMove = "cancel" | "finish" | "release";

const towardsDone: Readonly<Partial<Record<TaskStatus, TaskMove>>> = {
  claimed: "release",
  submitted: "finish",
};

/**
 * Tells how a task comes to its wanted end: `release` takes it from its holder, `finish` completes what is submitted. Null: nothing is to be
 * done, or the import of the plan, which ticks what is done, does it.
 */
export function moveOf(want: ChildDecision["want"], status: TaskStatus | null): TaskMove | null {
  if (want === null || status === null || status === "done") {
    return null;
  }
  if (want === "canceled") {
    return status === "canceled" ? null : "cancel";
  }
  return towardsDone[status] ?? null;
}
