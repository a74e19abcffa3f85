import type { Transaction } from "../store/index.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import type { FailureCause, TaskStatus } from "./task.ts";

/** How a task stands once its claim or submission has ended without being done; what is absent becomes null or false. */
export interface ClaimEnd {
  readonly status: Extract<TaskStatus, "pending" | "failed" | "canceled">;
  readonly reason?: string | null;
  readonly cause?: FailureCause | null;
  readonly blockedBy?: string | null;
  readonly isDeadLetter?: boolean;
  /** Absent: as before. */
  readonly feedback?: string | null;
  readonly avoidSession?: string | null;
  readonly assignedTo?: string | null;
  readonly startMs?: number | null;
  /** JSON; absent: as before. */
  readonly failures?: string;
}

/** Takes a claimed or submitted task from its session, under the fence that was read; false when it has another by now. */
export async function endClaim(tx: Transaction, row: TaskRow, end: ClaimEnd): Promise<boolean> {
  const changed = await tx.run(
    sql.endClaim,
    [
      [end.status, end.reason ?? null, end.cause ?? null, end.blockedBy ?? null],
      [end.isDeadLetter === true ? 1 : 0, end.feedback ?? row.feedback],
      [end.avoidSession ?? null, end.assignedTo ?? null, end.startMs ?? null],
      [end.failures ?? row.failures, tx.nowMs],
      [tx.project, row.plan, row.id, row.status, row.fence],
    ].flat(),
  );
  return changed === 1;
}

/** What the attempt that goes with a claim came to. */
export interface AttemptEnd {
  readonly outcome: string;
  readonly cause: FailureCause | null;
  readonly summary: string | null;
}

/** Ends the running attempt of a claim; a submitted one has ended already and stays as it is. */
export async function endAttempt(tx: Transaction, row: TaskRow, end: AttemptEnd): Promise<void> {
  const { outcome, cause, summary } = end;
  const at = [tx.project, row.plan, row.id, row.fence];
  await tx.put(sql.endAttempt, [tx.nowMs, outcome, cause, summary, null, ...at]);
}
