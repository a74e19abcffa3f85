import type { JsonObject } from "../base/json.ts";
import { together } from "../base/together.ts";
import type { EntityChange } from "../events/index.ts";
import { groupsOf } from "../store/index.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import { attemptViews, record, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { endAttempt, endClaim } from "./claim-end.ts";
import { needTask, needTaskRow, staleFence } from "./lookups.ts";
import { taskOf } from "./records.ts";
import type { ClaimedTask, ClaimTask, ProgressTask, SubmitTask, UnderClaim } from "./requests.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import type { Task } from "./task.ts";

/**
 * Gives a task to a session, unless it changed since it was read.
 *
 * Writes no event: returns the task as it now is with the change for the event that grants the claim, or null when the task was lost to
 * another.
 */
export async function claimTask(tx: Transaction, claim: ClaimTask): Promise<ClaimedTask | null> {
  const { task, session, fence } = claim;
  const row = await tx.get<TaskRow>(sql.claimTask, [
    session,
    fence,
    tx.nowMs,
    claim.gitDir,
    claim.branch,
    tx.nowMs,
    tx.project,
    task.plan,
    task.id,
    task.version,
  ]);
  if (row === null) {
    return null;
  }
  const earlier = await earlierAttempts(tx, task);
  await tx.put(sql.insertAttempts(1), attemptRow(tx, claim));
  return { task: taskOf(row), change: claimChange(tx, claim, earlier) };
}

function earlierAttempts(tx: Transaction, task: ClaimTask["task"]): Promise<readonly JsonObject[]> {
  return task.attempts === 0 ? noAttempts : attemptViews(tx, task);
}

const noAttempts: Promise<readonly JsonObject[]> = Promise.resolve([]);

function attemptRow({ project, nowMs }: Transaction, claim: ClaimTask): readonly SqlValue[] {
  const { task, session, fence } = claim;
  return [project, task.plan, task.id, task.attempts + 1, session, fence, nowMs];
}

function claimChange(
  { nowMs }: Transaction,
  { task, session, fence }: ClaimTask,
  earlier: readonly JsonObject[],
): EntityChange {
  const attempt = {
    session,
    fence,
    outcome: null,
    started_at: nowMs,
    ended_at: null,
    cause: null,
  };
  return taskChange(task, {
    status: "claimed",
    session,
    fence,
    percent: null,
    reason: null,
    attempts: [...earlier, attempt],
  });
}

/** The same for several tasks at once; null for those that changed since they were read, in the order of the claims. */
export async function claimTasks(
  tx: Transaction,
  claims: readonly ClaimTask[],
): Promise<readonly (ClaimedTask | null)[]> {
  const groups = groupsOf(claims);
  const [rows, earlier] = await together([
    together(groups.map((group) => tx.all<TaskRow>(...claimQuery(tx, group)))),
    together(claims.map(({ task }) => earlierAttempts(tx, task))),
    together(
      groups.map((group) =>
        tx.put(
          sql.insertAttempts(group.length),
          group.flatMap((claim) => attemptRow(tx, claim)),
        ),
      ),
    ),
  ]);
  const byTask = new Map(rows.flat().map((row) => [`${row.plan}/${row.id}`, row]));
  return claims.map((claim, at) => {
    const row = byTask.get(`${claim.task.plan}/${claim.task.id}`);
    return row === undefined
      ? null
      : { task: taskOf(row), change: claimChange(tx, claim, earlier[at] ?? []) };
  });
}

function claimQuery(
  { project, nowMs }: Transaction,
  group: readonly ClaimTask[],
): readonly [string, readonly SqlValue[]] {
  const rows = group.flatMap(({ task, session, fence, gitDir, branch }) => [
    task.plan,
    task.id,
    task.version,
    session,
    fence,
    gitDir,
    branch,
  ]);
  return [sql.claimTasks(group.length), [nowMs, nowMs, ...rows, project]];
}

/** Notes how far a claimed task is. */
export async function noteProgress(
  log: PlanLog,
  tx: Transaction,
  request: ProgressTask,
): Promise<Task> {
  const { task, percent, note } = request;
  const changed = await tx.run(sql.progressTask, [
    percent,
    note,
    tx.nowMs,
    tx.project,
    task.plan,
    task.id,
    request.session,
    request.fence,
  ]);
  if (changed === 0) {
    throw await staleFence(tx, request);
  }
  const said =
    percent === null && note === null
      ? null
      : record(log, tx, {
          kind: "task.progressed",
          by: request,
          data: { note },
          changes: percent === null ? [] : [taskChange(task, { percent })],
        });
  const [now] = await together([needTask(tx, task), said ?? Promise.resolve()]);
  return now;
}

/** Takes a session's word that a task is finished: it waits for integration now. */
export async function submitTask(
  log: PlanLog,
  tx: Transaction,
  request: SubmitTask,
): Promise<Task> {
  const { task, summary, commit, fence } = request;
  const changed = await tx.run(sql.submitTask, [
    summary,
    commit,
    request.branch,
    tx.nowMs,
    tx.project,
    task.plan,
    task.id,
    request.session,
    fence,
  ]);
  if (changed === 0) {
    throw await staleFence(tx, request);
  }
  await tx.put(sql.endAttempt, [
    tx.nowMs,
    "submitted",
    null,
    summary,
    commit,
    tx.project,
    task.plan,
    task.id,
    fence,
  ]);
  await tx.put(sql.countAttempt, [1, 0, tx.project, task.plan]);
  const attempts = await attemptViews(tx, task);
  await record(log, tx, {
    kind: "task.submitted",
    by: request,
    data: { session: request.session, fence },
    changes: [taskChange(task, { status: "submitted", percent: 100, commit, attempts })],
  });
  return needTask(tx, task);
}

/** A session, or somebody above it, gives a claimed task back. */
export interface ReleaseTask extends UnderClaim {
  readonly reason: string;
  /** `released` when it gave the task back, `canceled` when the task was taken from it. Default `released`. */
  readonly outcome?: "released" | "canceled" | undefined;
  /** The only session that may have it next, or null for any other first. Default null. */
  readonly assignTo?: Task["session"] | undefined;
}

/** Queues a claimed task again without counting a failure; its last holder is the last to get it back. */
export async function releaseTask(
  log: PlanLog,
  tx: Transaction,
  request: ReleaseTask,
): Promise<Task> {
  const { task, fence, reason, outcome = "released", assignTo = null } = request;
  const before = await needTaskRow(tx, task);
  const isEnded =
    before.status === "claimed" &&
    before.session === request.session &&
    before.fence === fence &&
    (await endClaim(tx, before, {
      status: "pending",
      avoidSession: request.session,
      assignedTo: assignTo,
    }));
  if (!isEnded) {
    throw await staleFence(tx, request);
  }
  await endAttempt(tx, before, { outcome, cause: null, summary: reason });
  const attempts = await attemptViews(tx, task);
  await record(log, tx, {
    kind: "task.released",
    by: request,
    data: { session: request.session, fence, reason, assigned_to: assignTo },
    changes: [
      taskChange(task, { status: "pending", session: null, fence: null, percent: null, attempts }),
    ],
  });
  return needTask(tx, task);
}
