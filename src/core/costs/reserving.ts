import { SkeinError } from "../base/errors.ts";
import type { MicroUsd } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Events } from "../events/index.ts";
import type { Reader, SqlValue, Transaction } from "../store/index.ts";
import { decideReserve, scopesOf, unlimited, warningsOf } from "./budget.ts";
import type { Budget, BudgetScope, ClaimKey, Covering, ReserveOutcome } from "./cost.ts";
import { costErrors } from "./errors.ts";
import type { CoveringRequest, RefusalRequest, ReserveRequest, SettleRequest } from "./requests.ts";
import { budgetsOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** Sets money aside in every budget that covers a task, or in none. */
export async function reserve(tx: Transaction, request: ReserveRequest): Promise<ReserveOutcome> {
  const { scopes, budgets } = request.covering ?? (await covering(tx, request));
  if (scopes.length === 0) {
    return unlimited;
  }
  const refusing = decideReserve(budgets, request.microUsd);
  if (refusing !== null) {
    return { kind: "exceeded", budget: refusing };
  }
  const { session, plan, task, fence, microUsd } = request;
  const [made, ...taken] = await together([
    tx.get<{ readonly number: number }>(sql.insertReservation, rowOf(tx, request, scopes)),
    ...scopes.map((scope) => tx.run(sql.updateReserved, takeParams(tx, scope, microUsd))),
  ]);
  const lost = taken.findIndex((changed) => changed !== 1);
  if (lost >= 0) {
    throw lostReservation(scopes[lost], microUsd);
  }
  const id = `R${String(made?.number ?? 0)}`;
  const reservation = { id, session, plan, task, fence, microUsd, leftMicroUsd: microUsd };
  return { kind: "reserved", reservation, warnings: warningsAfter(budgets, microUsd) };
}

/** Looks at what covers a task. */
export async function covering(reader: Reader, { plan, task }: CoveringRequest): Promise<Covering> {
  const params = [reader.project, ...scopeParams(plan, task)];
  const rows = await reader.all<sql.BudgetRow>(sql.selectBudgetsOf, params);
  return { scopes: rows.map(({ scope }) => scope), budgets: budgetsOf(rows) };
}

/** The scopes of a task as exactly four parameters. */
function scopeParams(plan: string | null, task: string | null): readonly SqlValue[] {
  const [project = "project", second = project, third = project, fourth = project] = scopesOf(
    plan,
    task,
  );
  return [project, second, third, fourth];
}

/** Counts money in a budget that has room for it. @throws {SkeinError} SKN-0701 when it has none after all. */
export async function take(tx: Transaction, scope: BudgetScope, microUsd: MicroUsd): Promise<void> {
  const changed = await tx.run(sql.updateReserved, takeParams(tx, scope, microUsd));
  if (changed !== 1) {
    throw lostReservation(scope, microUsd);
  }
}

function takeParams(
  { project }: Transaction,
  scope: BudgetScope,
  microUsd: MicroUsd,
): readonly SqlValue[] {
  return [microUsd, project, scope, microUsd];
}

function lostReservation(scope: BudgetScope | undefined, microUsd: MicroUsd): SkeinError {
  return new SkeinError(costErrors.lostReservation, { facts: { scope, micro_usd: microUsd } });
}

function rowOf(
  { project, nowMs }: Transaction,
  { session, plan, task, fence, microUsd }: ReserveRequest,
  scopes: readonly BudgetScope[],
): readonly SqlValue[] {
  const text = JSON.stringify(scopes);
  return [project, project, session, plan, task, fence, text, microUsd, microUsd, nowMs];
}

/** One sentence for each budget that is nearly used up once so much more is set aside. */
export function warningsAfter(budgets: readonly Budget[], microUsd: MicroUsd): readonly string[] {
  const after = budgets.map((budget) => ({
    ...budget,
    reservedMicroUsd: budget.reservedMicroUsd + microUsd,
  }));
  return warningsOf(after);
}

/** Takes what a claim has spent from its reservation, as far as that goes. */
export async function drawDown(
  tx: Transaction,
  claim: ClaimKey,
  microUsd: MicroUsd,
): Promise<void> {
  const open = await findOpen(tx, claim);
  const taken = Math.min(open?.left_micro_usd ?? 0, microUsd);
  if (open !== null && taken > 0) {
    await tx.put(sql.updateReservationLeft, [taken, tx.project, open.number]);
    await giveBack(tx, open, taken);
  }
}

async function findOpen(
  reader: Reader,
  { plan, task, fence }: ClaimKey,
): Promise<sql.ReservationRow | null> {
  return reader.get<sql.ReservationRow>(sql.selectOpenReservation, [
    reader.project,
    plan,
    task,
    fence,
  ]);
}

async function giveBack(
  tx: Transaction,
  { scopes }: sql.ReservationRow,
  microUsd: MicroUsd,
): Promise<void> {
  const taken: readonly BudgetScope[] = JSON.parse(scopes);
  for (const scope of taken) {
    await tx.put(sql.updateLetGo, [microUsd, tx.project, scope]);
  }
}

/** Ends a claim's money: lets go of what is left and marks the spends of a failed attempt. */
export async function settle(
  events: Events,
  tx: Transaction,
  request: SettleRequest,
): Promise<void> {
  const open = await findOpen(tx, request);
  if (open !== null) {
    await giveBack(tx, open, open.left_micro_usd);
    await tx.put(sql.updateReservationEnded, [tx.nowMs, tx.project, open.number]);
  }
  if (request.isFailed) {
    await markFailed(events, tx, request);
  }
}

async function markFailed(
  events: Events,
  tx: Transaction,
  { plan, task, fence, actor }: SettleRequest,
): Promise<void> {
  const claim = [tx.project, plan, task, fence];
  const rows = await tx.all<{ number: number }>(sql.selectSpendsOfClaim, claim);
  if (rows.length === 0) {
    return;
  }
  await tx.put(sql.updateSpendsFailed, claim);
  await events.append(tx, {
    kind: "spend.failed",
    actor,
    cause: null,
    data: { plan, task, fence },
    changes: rows.map(({ number }) => ({
      entity: "spend",
      id: `C${String(number)}`,
      set: { is_failed: true },
    })),
  });
}

/** The hard budget that would refuse a reservation now, or null. */
export async function findRefusal(
  reader: Reader,
  { plan, task, microUsd }: RefusalRequest,
): Promise<Budget | null> {
  const { budgets } = await covering(reader, { plan, task });
  return decideReserve(budgets, microUsd);
}
