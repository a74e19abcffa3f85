import { SkeinError } from "../base/errors.ts";
import { costErrors } from "../costs/index.ts";
import type { Costs, Covering, ReserveOutcome } from "../costs/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { SetAside } from "./picked-task.ts";

interface Reserving {
  readonly session: Session;
  readonly task: Candidate;
  /** What covers the task, where it was looked at. Default: it is looked at. */
  readonly covering?: Covering | undefined;
}

/** Sets money aside for a claim, under the fence that its event is about to get. */
export async function reserveFor(
  { costs, events }: DispatchDeps,
  tx: Transaction,
  { session, task, covering }: Reserving,
): Promise<ReserveOutcome> {
  return costs.reserve(tx, {
    plan: task.plan,
    task: task.id,
    session: session.id,
    fence: await events.nextSeq(tx),
    microUsd: estimateOf(costs, task),
    covering,
  });
}

/** The same where what covers the task has room. @throws {SkeinError} SKN-0701 when it has none after all. */
export async function reserveCovered(
  deps: DispatchDeps,
  tx: Transaction,
  request: Reserving,
): Promise<SetAside> {
  const reserved = await reserveFor(deps, tx, request);
  if (reserved.kind === "exceeded") {
    throw new SkeinError(costErrors.lostReservation, { facts: { scope: reserved.budget.scope } });
  }
  return reserved;
}

/** What is set aside for a task: what its size makes likely, at most its own budget. */
export function estimateOf(
  costs: Costs,
  task: Pick<Candidate, "budgetMicroUsd" | "minutes">,
): number {
  const estimate = costs.estimateClaim(task.minutes);
  return task.budgetMicroUsd === null ? estimate : Math.min(estimate, task.budgetMicroUsd);
}
