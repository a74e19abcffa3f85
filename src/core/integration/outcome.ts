import { cleanText } from "../base/text.ts";
import type { Actor } from "../base/ids.ts";
import { retryRule } from "../dispatch/index.ts";
import type { FailureCause, Task } from "../plans/index.ts";
import type { Transaction } from "../store/index.ts";
import type { IntegrationDeps } from "./deps.ts";

/** A task whose work stands on the integration branch. */
export interface Landed {
  readonly task: Task;
  /** The commit by which it stands there. */
  readonly commit: string;
  readonly by: Actor;
  /** True when nothing more is asked of it. */
  readonly isDone: boolean;
}

/** A task whose work does not get there as it is. */
export interface SentBack {
  readonly task: Task;
  readonly failure: FailureCause;
  /** What the next attempt must know; may quote the output of a command. */
  readonly feedback: string;
  readonly by: Actor;
}

/**
 * Records that a task's work landed: its leases end and its paths remember the commit. False when the task is not submitted any more:
 * then nothing is recorded, and the work simply is on the branch.
 */
export async function recordLanded(
  { plans, leases, events }: IntegrationDeps,
  tx: Transaction,
  { task, commit, by, isDone }: Landed,
): Promise<boolean> {
  const now = await plans.get(tx, task);
  if (now.status !== "submitted" || now.fence !== task.fence) {
    return false;
  }
  let cause: number | null = null;
  if (now.integratedCommit === null) {
    cause = await events.nextSeq(tx);
    await plans.integrated(tx, { task, commit, actor: by });
    await leases.integrated(tx, { plan: task.plan, task: task.id, commit, actor: by, cause });
  }
  if (isDone) {
    await plans.done(tx, { task, actor: by, cause });
  }
  return true;
}

/** The longest feedback that is kept, in characters. */
const longestFeedback = 4_000;

/**
 * Sends a submitted task back. Its leases end with the attempt, because the next one, by whichever session, leases the paths anew with
 * its claim. False when the task is not submitted any more.
 */
export async function recordSentBack(
  deps: IntegrationDeps,
  tx: Transaction,
  { task, failure, feedback, by }: SentBack,
): Promise<boolean> {
  const now = await deps.plans.get(tx, task);
  if (now.status !== "submitted" || now.fence !== task.fence) {
    return false;
  }
  const summary = cleanText(feedback, longestFeedback);
  const rule = await retryRule(deps.costs, tx, { plan: task.plan, summary });
  const cause = await deps.events.nextSeq(tx);
  const outcome = await deps.plans.reject(tx, { task, failure, ...rule, actor: by });
  const ending = { actor: by, cause, reason: "failed" };
  await deps.leases.release(tx, { kind: "task", plan: task.plan, task: task.id }, ending);
  for (const { plan, id, fence, cause: canceled } of outcome.canceled) {
    const stopped = { actor: by, cause: canceled, reason: "canceled" };
    await deps.leases.release(tx, { kind: "task", plan, task: id }, stopped);
    await deps.costs.settle(tx, { plan, task: id, fence, isFailed: true, actor: "system" });
  }
  await tellWorker(deps, tx, { task, feedback: summary, because: { actor: by, cause } });
  return true;
}

interface Told {
  readonly because: { readonly actor: Actor; readonly cause: number };
}

/** A worker that is gone hears nothing: the feedback waits at the task for whoever takes it next. */
async function tellWorker(
  { sessions, messages }: IntegrationDeps,
  tx: Transaction,
  { task, feedback, because }: Pick<SentBack, "task" | "feedback"> & Told,
): Promise<void> {
  const listener = task.session === null ? null : await sessions.listener(tx, task.session);
  if (listener === null) {
    return;
  }
  const text = `${task.plan}/${task.id} was sent back. ${feedback}`;
  await messages.send(tx, {
    from: null,
    fromName: "skein integrate",
    ...because,
    to: { kind: "session", session: listener.id },
    text: cleanText(text, 1_000),
    thread: null,
    expiresInMs: null,
    isNotice: true,
  });
}
