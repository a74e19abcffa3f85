import { SkeinError } from "../base/errors.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { budgetWarnings, decideReserve } from "./budget.ts";
import type { BudgetWarning } from "./budget.ts";
import { issueOf, scopesOfCall } from "./call.ts";
import type { CallReserveOutcome, CallReserveRequest, SeatSpend } from "./call.ts";
import * as calls from "./call-tables.ts";
import type { BudgetScope } from "./cost.ts";
import { costErrors } from "./errors.ts";
import { budgetsOf } from "./rows.ts";
import { settleAbandonedCalls } from "./settling-calls.ts";
import type * as sql from "./tables.ts";

/** Sets the worst case of one call aside in every budget that covers it, or in none. */
export async function reserveCall(
  events: Events,
  tx: Transaction,
  request: CallReserveRequest,
): Promise<CallReserveOutcome> {
  await settleAbandonedCalls(events, tx);
  const { microUsd } = request;
  const scopes = scopesOfCall(request.purpose, tx.nowMs);
  const rows = await tx.all<sql.BudgetRow>(calls.selectBudgetsOfCall, [
    tx.project,
    ...calls.paddedScopes(scopes),
  ]);
  const refusing = decideReserve(budgetsOf(rows), microUsd);
  if (refusing !== null) {
    return { kind: "exceeded", budget: refusing };
  }
  const taken = rows.map(({ scope }) => scope);
  await take(tx, taken, microUsd);
  const number = await insert(tx, request, taken);
  await events.append(tx, {
    kind: "call.reserved",
    actor: request.actor,
    cause: null,
    data: {
      call: `K${String(number)}`,
      run: request.purpose.run,
      seat: request.seat,
      phase: request.phase,
      model: request.model,
      reserved_micro_usd: microUsd,
      scopes: taken,
    },
    changes: [],
  });
  return { kind: "reserved", id: `K${String(number)}`, warnings: warningsAfter(rows, microUsd) };
}

async function take(
  tx: Transaction,
  scopes: readonly BudgetScope[],
  amount: number,
): Promise<void> {
  if (scopes.length === 0) {
    return;
  }
  const changed = await tx.run(calls.updateReservedOfCall, [
    amount,
    tx.project,
    ...calls.paddedScopes(scopes),
    amount,
  ]);
  if (changed !== scopes.length) {
    throw new SkeinError(costErrors.lostReservation, {
      facts: { scopes: [...scopes], micro_usd: amount },
    });
  }
}

function warningsAfter(rows: readonly sql.BudgetRow[], microUsd: number): readonly BudgetWarning[] {
  return budgetWarnings(
    budgetsOf(rows).map((budget) => ({
      ...budget,
      reservedMicroUsd: budget.reservedMicroUsd + microUsd,
    })),
  );
}

async function insert(
  tx: Transaction,
  request: CallReserveRequest,
  scopes: readonly BudgetScope[],
): Promise<number> {
  const { purpose } = request;
  const last = await tx.get<{ readonly number: number }>(calls.selectLastCall, [tx.project]);
  const number = (last?.number ?? 0) + 1;
  await tx.put(calls.insertCall, [
    tx.project,
    number,
    purpose.run,
    request.seat,
    request.phase,
    request.attempt,
    request.model,
    purpose.session,
    purpose.plan,
    purpose.task,
    purpose.pr,
    issueOf(purpose),
    purpose.author,
    JSON.stringify(scopes),
    request.inputTokens,
    request.outputTokens,
    request.microUsd,
    tx.nowMs,
  ]);
  return number;
}

/** What a run has spent so far, by seat. */
export async function spentBySeat(reader: Reader, run: string): Promise<readonly SeatSpend[]> {
  const rows = await reader.all<calls.SeatSpendRow>(calls.selectSpentBySeat, [reader.project, run]);
  return rows.map(({ seat, calls: count, ...row }) => ({
    seat,
    calls: count,
    microUsd: row.micro_usd,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    estimated: row.estimated,
  }));
}
