import type { TaskRow } from "./tables.ts";
import type { TaskStatus } from "./task.ts";

/** How a task stands, and because of what. */
export interface State {
  readonly status: TaskStatus;
  readonly reason: string | null;
  readonly cause: string | null;
  readonly blockedBy: string | null;
}

/** Waits for nothing but its turn. */
export const open: State = { status: "pending", reason: null, cause: null, blockedBy: null };
const done: State = { ...open, status: "done" };

/** A task of an import, and what is stored of it. */
export interface StateEntry {
  readonly before: TaskRow | null;
  /** True when the import does not touch it. */
  readonly isFrozen: boolean;
  /** True when the file says that it is done. */
  readonly isTicked: boolean;
}

/** What surrounds a task in its plan. */
export interface Surroundings {
  readonly waitsFor: readonly { readonly id: string; readonly state: State }[];
  readonly isContainer: boolean;
  readonly isPlanCanceled: boolean;
}

/** Decides how a task stands after an import; what it waits for has been decided before. */
export function decideState(entry: StateEntry, around: Surroundings): State {
  const { before } = entry;
  if (before !== null && staysAsIs(entry, before, around.isPlanCanceled)) {
    return keptState(before);
  }
  const { waitsFor, isContainer } = around;
  if (isContainer ? isComplete(waitsFor) : entry.isTicked) {
    return done;
  }
  const stop = waitsFor.find(({ state }) => stops(state, isContainer));
  return stop === undefined ? open : blockedState(stop.id, stop.state);
}

function staysAsIs(
  { isFrozen }: StateEntry,
  { status, is_left_out }: TaskRow,
  isPlanCanceled: boolean,
): boolean {
  const comesBack = is_left_out === 1 || isPlanCanceled;
  return isFrozen || status === "failed" || (status === "canceled" && !comesBack);
}

function blockedState(id: string, state: State): State {
  const word = state.status === "failed" ? "failed" : "was canceled";
  const reason = state.status === "blocked" ? state.reason : `${id} ${word}`;
  return { status: "blocked", reason, cause: null, blockedBy: state.blockedBy ?? id };
}

function keptState(row: TaskRow): State {
  const status = row.status;
  const known: readonly TaskStatus[] = ["claimed", "submitted", "done", "failed", "canceled"];
  return {
    status: known.find((word) => word === status) ?? "pending",
    reason: row.reason,
    cause: row.cause,
    blockedBy: row.blocked_by,
  };
}

function stops({ status, blockedBy }: State, isContainer: boolean): boolean {
  const isGone = status === "canceled" && (!isContainer || blockedBy !== null);
  return status === "failed" || status === "blocked" || isGone;
}

/** Tells whether a task in this state is waited for no more. */
export function isMet(state: Pick<State, "status" | "blockedBy">, isContainer: boolean): boolean {
  const isSpared = isContainer && state.status === "canceled" && state.blockedBy === null;
  return state.status === "done" || isSpared;
}

function isComplete(children: Surroundings["waitsFor"]): boolean {
  return (
    children.every(({ state }) => isMet(state, true)) &&
    children.some(({ state }) => state.status === "done")
  );
}
