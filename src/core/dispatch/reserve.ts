import type { Costs, Covering, ReserveOutcome } from "../costs/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";

interface Reserving {
  readonly session: Session;
  readonly task: Candidate;
}

/** The same where it is known what covers the task, and the number of the claim's event. */
interface ReservingCovered extends Reserving {
  readonly covering: Covering;
  readonly fence: number;
}

/** Sets money aside for a claim, under the fence that its event is about to get. */
export async function reserveFor(
  { costs, events }: DispatchDeps,
  tx: Transaction,
  { session, task }: Reserving,
): Promise<ReserveOutcome> {
  return costs.reserve(tx, {
    plan: task.plan,
    task: task.id,
    session: session.id,
    fence: await events.nextSeq(tx),
    microUsd: estimateOf(costs, task),
  });
}

/** The same where it is known what covers the task. */
export function reserveCovered(
  { costs }: DispatchDeps,
  tx: Transaction,
  { session, task, covering, fence }: ReservingCovered,
): Promise<ReserveOutcome> {
  return costs.reserve(tx, {
    plan: task.plan,
    task: task.id,
    session: session.id,
    fence,
    microUsd: estimateOf(costs, task),
    covering,
  });
}

/** What is set aside for a task: what its size makes likely, at most its own budget. */
export function estimateOf(
  costs: Costs,
  task: Pick<Candidate, "budgetMicroUsd" | "minutes">,
): number {
  const estimate = costs.estimateClaim(task.minutes);
  return task.budgetMicroUsd === null ? estimate : Math.min(estimate, task.budgetMicroUsd);
}
