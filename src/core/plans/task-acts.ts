import type { EntityChange } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { record, recordMany, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { leaveContainer } from "./completion.ts";
import { needTask, needTaskRow, wrongState } from "./lookups.ts";
import {
  cancelClaim,
  canceledChange,
  endedBy,
  reviveDependents,
  stopDependents,
} from "./propagation.ts";
import type { Cancellation, LostClaim } from "./propagation.ts";
import { taskStatusOf } from "./records.ts";
import type { By, CancelOutcome, RetryOutcome, TaskKey } from "./requests.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import { hasEnded } from "./task-machine.ts";

/** An act on a task, and why. */
export interface TaskAct extends By {
  readonly task: TaskKey;
  readonly reason: string;
}

/** Cancels a task that has not ended, and for a container its children; what waits for it is blocked. */
export async function cancelTask(
  log: PlanLog,
  tx: Transaction,
  act: TaskAct,
): Promise<CancelOutcome> {
  const row = await needTaskRow(tx, act.task);
  if (row.status === "done" || row.status === "canceled") {
    throw wrongState(row, "Only a task that is neither done nor canceled can be canceled.");
  }
  const rows = [row, ...(row.is_container === 1 ? await openBelow(tx, row) : [])];
  const ends: (LostClaim | null)[] = [];
  const changes: EntityChange[] = [];
  for (const one of rows) {
    const blockedBy = one === row ? null : row.id;
    ends.push(await cancelRow(tx, one, { reason: act.reason, blockedBy }));
    changes.push(await canceledChange(tx, one, act.reason));
  }
  const { reason } = act;
  const entry = { kind: "task.canceled", by: act, data: { reason }, changes };
  const seqs = await recordMany(log, tx, entry);
  const ended = [...endedBy(ends, seqs)];
  const blocked: string[] = [];
  for (const [at, one] of rows.entries()) {
    const stopped = await stopDependents(log, tx, {
      actor: act.actor,
      cause: seqs[at],
      root: one,
      how: "canceled",
      blamed: one === row ? undefined : row.id,
    });
    blocked.push(...stopped.blocked);
    ended.push(...stopped.canceled);
  }
  const because = { ...act, cause: seqs[0] };
  const above = await closeContainer(log, tx, { ...because, task: row, parent: row.parent });
  const canceled = rows.map(({ id }) => id);
  return {
    canceled: [...canceled, ...above.canceled],
    blocked: [...blocked, ...above.blocked],
    ended,
  };
}

async function openBelow(tx: Transaction, container: TaskRow): Promise<readonly TaskRow[]> {
  const all = await tx.all<TaskRow>(sql.selectTasksOfPlan, [tx.project, container.plan]);
  const inside = new Set([container.id]);
  for (let size = 0; size !== inside.size;) {
    size = inside.size;
    for (const row of all.filter(({ parent }) => parent !== null && inside.has(parent))) {
      inside.add(row.id);
    }
  }
  inside.delete(container.id);
  return all.filter((row) => inside.has(row.id) && !isOver(row));
}

/** Tells whether nothing more happens to a stored task by itself. */
export function isOver(row: TaskRow): boolean {
  return hasEnded(taskStatusOf(row.status));
}

/** Cancels one task in whatever open state it is; tells the claim that ended with it. */
export async function cancelRow(
  tx: Transaction,
  row: TaskRow,
  why: Cancellation,
): Promise<LostClaim | null> {
  if (row.status === "claimed" || row.status === "submitted") {
    return cancelClaim(tx, row, why);
  }
  await tx.put(sql.moveTask, [
    "canceled",
    why.reason,
    "canceled",
    why.blockedBy,
    tx.nowMs,
    tx.project,
    row.plan,
    row.id,
    row.status,
  ]);
  if (row.is_container === 0 && row.status !== "failed") {
    await tx.put(sql.countOpen, [-1, tx.project, row.plan]);
  }
  return null;
}

/**
 * Lets the container of a canceled child go on, end as done, or be canceled with its last child. What the child alone had kept blocked is
 * queued again.
 */
async function closeContainer(
  log: PlanLog,
  tx: Transaction,
  act: TaskAct & { readonly parent: string | null },
): Promise<CancelOutcome> {
  const left = await leaveContainer(tx, { ...act.task, parent: act.parent });
  if (left?.became === "done") {
    await recordMany(log, tx, {
      kind: "task.done",
      by: act,
      data: {},
      changes: left.completed.map((id) =>
        taskChange({ plan: act.task.plan, id }, { status: "done", reason: null }),
      ),
    });
  }
  const reason = "All of its tasks were canceled";
  const outcome =
    left?.became === "canceled"
      ? await cancelTask(log, tx, { ...act, task: left.container, reason })
      : { canceled: [], blocked: [], ended: [] };
  const blocker = left?.container.blocked_by ?? null;
  if (blocker !== null) {
    const { actor, cause, task } = act;
    await reviveDependents(log, tx, { plan: task.plan, id: blocker, actor, cause });
  }
  return outcome;
}

/** Queues a failed or canceled task again as if new, and what it had stopped. Its attempts are kept. */
export async function retryTask(
  log: PlanLog,
  tx: Transaction,
  act: By & { readonly task: TaskKey },
): Promise<RetryOutcome> {
  const row = await needTaskRow(tx, act.task);
  const isRetryable = row.status === "failed" || row.status === "canceled";
  if (!isRetryable || row.blocked_by !== null || row.is_left_out !== 0) {
    throw wrongState(row, retryHint(row));
  }
  await tx.put(sql.retryTask, [tx.nowMs, tx.project, row.plan, row.id, row.status]);
  if (row.is_container === 0) {
    await tx.put(sql.countOpen, [1, tx.project, row.plan]);
  }
  const seq = await record(log, tx, {
    kind: "task.retried",
    by: act,
    data: {},
    changes: [taskChange(row, { status: "pending", session: null, fence: null, reason: null })],
  });
  const because = { actor: act.actor, cause: seq };
  if (row.status === "canceled" && row.parent !== null) {
    await reopenContainer(log, tx, { ...because, task: { plan: row.plan, id: row.parent } });
  }
  const revived = await reviveDependents(log, tx, { plan: row.plan, id: row.id, ...because });
  return { task: await needTask(tx, row), revived };
}

function retryHint(row: TaskRow): string {
  if (row.is_left_out !== 0) {
    return "The plan's file no longer has it: import one that does.";
  }
  return row.blocked_by !== null
    ? `It was stopped with ${row.blocked_by}: retry that one with \`skein task retry ${row.plan}/${row.blocked_by}\`.`
    : "Only a failed or canceled task can be retried.";
}

async function reopenContainer(
  log: PlanLog,
  tx: Transaction,
  act: By & { readonly task: TaskKey },
): Promise<void> {
  const { plan, id } = act.task;
  await tx.put(sql.adjustContainer, [1, tx.nowMs, tx.project, plan, id]);
  const container = await needTaskRow(tx, act.task);
  if (container.status === "canceled") {
    await retryTask(log, tx, act);
  }
}
