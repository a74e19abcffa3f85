import type { EntityChange } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { attemptViews, recordMany, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { endAttempt, endClaim } from "./claim-end.ts";
import { taskOf } from "./records.ts";
import type { By, EndedClaim, TaskKey } from "./requests.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";

/** What stopped, and who says so. */
export interface Stop extends By {
  readonly root: TaskKey & { readonly parent: string | null };
  readonly how: "failed" | "canceled";
  /** The task whose mending brings the others back, when it is not the root itself: the container with which the root was canceled. */
  readonly blamed?: string | undefined;
}

/** What a stop did to the tasks that wait for it. */
export interface Stopped {
  readonly blocked: readonly string[];
  readonly canceled: readonly EndedClaim[];
}

/**
 * Blocks every queued task that waits for a failed or canceled one, and cancels the running ones, with the reason. Submitted work stays.
 *
 * A canceled child does not block its own container, which goes on with the others.
 */
export async function stopDependents(log: PlanLog, tx: Transaction, stop: Stop): Promise<Stopped> {
  const { root } = stop;
  const isFinal = stop.how === "canceled" && stop.blamed === undefined;
  const spared = isFinal ? (root.parent ?? "") : "";
  const at = [tx.project, root.plan];
  const rows = await tx.all<TaskRow>(sql.selectReach, [...at, root.id, spared, ...at, ...at]);
  const why = {
    reason: `${root.id} ${stop.how === "failed" ? "failed" : "was canceled"}`,
    blockedBy: stop.blamed ?? root.id,
  };
  const entry = { by: stop, data: { root: root.id, reason: why.reason } };
  const queued = rows.filter(({ status }) => status === "pending");
  const running = rows.filter(({ status }) => status === "claimed");
  const blocked = await blockAll(tx, queued, why);
  await recordMany(log, tx, { ...entry, kind: "task.blocked", changes: blocked });
  const ends: (LostClaim | null)[] = [];
  const changes: EntityChange[] = [];
  for (const row of running) {
    ends.push(await cancelClaim(tx, row, why));
    changes.push(await canceledChange(tx, row, why.reason));
  }
  const seqs = await recordMany(log, tx, { ...entry, kind: "task.canceled", changes });
  return { blocked: queued.map(({ id }) => id), canceled: endedBy(ends, seqs) };
}

/** A claim that ended, before the event that says so is written. */
export type LostClaim = Omit<EndedClaim, "cause">;

/** The claims among the ends of some tasks, each with the event of its task. */
export function endedBy(
  ends: readonly (LostClaim | null)[],
  seqs: readonly number[],
): readonly EndedClaim[] {
  return ends.flatMap((end, at) => {
    const cause = seqs[at];
    return end === null || cause === undefined ? [] : [{ ...end, cause }];
  });
}

async function blockAll(
  tx: Transaction,
  rows: readonly TaskRow[],
  { reason, blockedBy }: Cancellation,
): Promise<readonly EntityChange[]> {
  for (const row of rows) {
    const at = [tx.project, row.plan, row.id, "pending"];
    await tx.put(sql.moveTask, ["blocked", reason, null, blockedBy, tx.nowMs, ...at]);
  }
  return rows.map((row) => taskChange(row, { status: "blocked", reason }));
}

/** Why a claim or submission is canceled; `blockedBy` names the task whose mending brings it back, or null. */
export interface Cancellation {
  readonly reason: string;
  readonly blockedBy: string | null;
}

/** Cancels a claimed or submitted task and ends its attempt; tells the claim that ended. */
export async function cancelClaim(
  tx: Transaction,
  row: TaskRow,
  { reason, blockedBy }: Cancellation,
): Promise<LostClaim | null> {
  const { session, fence } = taskOf(row);
  await endClaim(tx, row, { status: "canceled", reason, cause: "canceled", blockedBy });
  await endAttempt(tx, row, { outcome: "canceled", cause: "canceled", summary: reason });
  await tx.put(sql.countOpen, [-1, tx.project, row.plan]);
  return session === null || fence === null ? null : { plan: row.plan, id: row.id, session, fence };
}

/** The change that `cancelClaim` made. */
export async function canceledChange(
  tx: Transaction,
  task: TaskKey,
  reason: string,
): Promise<EntityChange> {
  const attempts = await attemptViews(tx, task);
  return taskChange(task, {
    status: "canceled",
    session: null,
    fence: null,
    percent: null,
    commit: null,
    integrated_commit: null,
    reason,
    attempts,
  });
}

/**
 * Queues again what a mended task had stopped; what still waits for another failed or canceled task is stopped by that one instead.
 * Tells the ids that are queued or may be claimed again.
 */
export async function reviveDependents(
  log: PlanLog,
  tx: Transaction,
  mended: TaskKey & By,
): Promise<readonly string[]> {
  const rows = await tx.all<TaskRow>(sql.selectStopped, [tx.project, mended.plan, mended.id]);
  const stopped = new Set<string>();
  for (const row of rows) {
    await tx.put(sql.reviveTask, [tx.nowMs, tx.project, row.plan, row.id, row.status]);
    if (row.status === "canceled" && row.is_container === 0) {
      await tx.put(sql.countOpen, [1, tx.project, row.plan]);
    }
  }
  await recordMany(log, tx, {
    kind: "task.retried",
    by: mended,
    data: { root: mended.id },
    changes: rows.map((row) =>
      taskChange(row, { status: "pending", session: null, fence: null, reason: null }),
    ),
  });
  const roots = await tx.all<TaskRow>(sql.selectRoots, [tx.project, mended.plan]);
  for (const root of roots) {
    const how = root.status === "failed" ? "failed" : "canceled";
    const blamed = root.blocked_by ?? undefined;
    const again = await stopDependents(log, tx, { ...mended, root, how, blamed });
    for (const id of again.blocked) {
      stopped.add(id);
    }
  }
  return rows.map(({ id }) => id).filter((id) => !stopped.has(id));
}
