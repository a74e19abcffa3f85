import type { EntityChange } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { record, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { needTask, needTaskRow, wrongState } from "./lookups.ts";
import type { By, DoneOutcome, TaskKey } from "./requests.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import type { Task } from "./task.ts";

/** A submitted task and the commit that stands on the integration branch for it. */
export interface IntegratedTask extends By {
  readonly task: TaskKey;
  readonly commit: string;
}

/** Notes that a submitted task's work is on the integration branch; what makes it done is up to its plan's `verify`. */
export async function markIntegrated(
  log: PlanLog,
  tx: Transaction,
  request: IntegratedTask,
): Promise<Task> {
  const { task, commit } = request;
  const changed = await tx.run(sql.integrateTask, [
    commit,
    tx.nowMs,
    tx.project,
    task.plan,
    task.id,
  ]);
  if (changed === 0) {
    throw wrongState(await needTaskRow(tx, task), "Only a submitted task can be integrated.");
  }
  await record(log, tx, {
    kind: "task.integrated",
    by: request,
    data: { commit },
    changes: [taskChange(task, { integrated_commit: commit })],
  });
  return needTask(tx, task);
}

interface WaiterRow {
  readonly id: string;
  readonly status: string;
  readonly unmet: number;
  readonly is_container: number;
}

/** Makes a submitted task done: those that wait for it have one dependency fewer, containers without an open child are done as well. */
export async function completeTask(
  log: PlanLog,
  tx: Transaction,
  request: By & { readonly task: TaskKey },
): Promise<DoneOutcome> {
  const { task } = request;
  if (!(await moveToDone(tx, task, "submitted"))) {
    throw wrongState(await needTaskRow(tx, task), "Only a submitted task can become done.");
  }
  await tx.put(sql.countOpen, [-1, tx.project, task.plan]);
  const found = await settleWaiters(tx, task);
  await record(log, tx, {
    kind: "task.done",
    by: request,
    data: {},
    changes: [task.id, ...found.completed].map((id) => doneChange(task.plan, id)),
  });
  return { task: await needTask(tx, task), ...found };
}

function doneChange(plan: string, id: string): EntityChange {
  return taskChange({ plan, id }, { status: "done", reason: null });
}

async function moveToDone(tx: Transaction, task: TaskKey, from: string): Promise<boolean> {
  const changed = await tx.run(sql.finishTask, [tx.nowMs, tx.project, task.plan, task.id, from]);
  return changed === 1;
}

/** Walks up from a done task: whoever waits for it, and for the containers that are done with it. */
async function settleWaiters(
  tx: Transaction,
  done: TaskKey,
): Promise<{ readonly unblocked: readonly string[]; readonly completed: readonly string[] }> {
  const unblocked: string[] = [];
  const completed: string[] = [];
  const open: string[] = [done.id];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const at = [tx.project, done.plan] as const;
    await tx.put(sql.meetDependency, [tx.nowMs, ...at, ...at, id]);
    const waiters = await tx.all<WaiterRow>(sql.selectWaiters, [...at, id]);
    for (const waiter of waiters.filter(({ unmet }) => unmet === 0)) {
      if (
        waiter.is_container === 1 &&
        (await moveToDone(tx, { ...done, id: waiter.id }, waiter.status))
      ) {
        completed.push(waiter.id);
        open.push(waiter.id);
      } else if (waiter.status === "pending") {
        unblocked.push(waiter.id);
      }
    }
  }
  return { unblocked, completed };
}

/** What became of a container when one of its children was canceled. */
export interface ContainerOutcome {
  readonly container: TaskRow;
  readonly became: "open" | "done" | "canceled";
  readonly unblocked: readonly string[];
  readonly completed: readonly string[];
}

/** Takes a canceled child out of what its container waits for; null when it stands in none. */
export async function leaveContainer(
  tx: Transaction,
  child: TaskKey & { readonly parent: string | null },
): Promise<ContainerOutcome | null> {
  if (child.parent === null) {
    return null;
  }
  const key = { plan: child.plan, id: child.parent };
  await tx.put(sql.adjustContainer, [-1, tx.nowMs, tx.project, key.plan, key.id]);
  const container = await needTaskRow(tx, key);
  const nothing = { container, unblocked: [], completed: [] };
  if (container.unmet > 0 || container.status === "done" || container.status === "canceled") {
    return { ...nothing, became: "open" };
  }
  const children = await tx.all<{ readonly status: string }>(sql.selectChildren, [
    tx.project,
    key.plan,
    key.id,
  ]);
  if (!children.some(({ status }) => status === "done")) {
    return { ...nothing, became: "canceled" };
  }
  await moveToDone(tx, key, container.status);
  const settled = await settleWaiters(tx, key);
  return { ...settled, completed: [key.id, ...settled.completed], container, became: "done" };
}
