import type { TaskStatus } from "./task.ts";

/**
 * Every move a task may make. A claim ends in `pending` when it is released, lost or to be retried; `submitted` returns there when its
 * commit cannot be integrated. A blocked or canceled task comes back when what stopped it is mended.
 */
const moves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: ["claimed", "done", "blocked", "canceled"],
  claimed: ["submitted", "pending", "failed", "canceled"],
  submitted: ["done", "pending", "failed", "canceled"],
  done: [],
  failed: ["pending", "canceled"],
  blocked: ["pending", "done", "canceled"],
  canceled: ["pending", "blocked", "done"],
};

/** Tells whether a task may go from one state straight to another. */
export function canMove(from: TaskStatus, to: TaskStatus): boolean {
  return moves[from].includes(to);
}

/** Tells whether nothing more happens to a task by itself. */
export function hasEnded(status: TaskStatus): boolean {
  return status === "done" || status === "failed" || status === "canceled";
}
