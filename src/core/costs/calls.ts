import { SkeinError } from "../base/errors.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { budgetWarnings, decideReserve } from "./budget.ts";
import type { BudgetWarning } from "./budget.ts";
import { issueOf, scopesOfCall, wholeRun } from "./call.ts";
import type {
  CallReserveOutcome,
  CallReserveRequest,
  RunReserveRequest,
  SeatSpend,
} from "./call.ts";
import * as calls from "./call-tables.ts";
import type { BudgetScope } from "./cost.ts";
import { costErrors } from "./errors.ts";
import { budgetsOf } from "./rows.ts";
import { settleAbandonedCalls } from "./settling-calls.ts";
import type * as sql from "./tables.ts";

/**
 * Sets the worst case of all calls of a run aside before its first, in every budget that covers them, or in none. Calls that name it draw on it; what
 * is left goes back when it is settled with `nothing`.
 */
export async function reserveRun(
  events: Events,
  tx: Transaction,
  request: RunReserveRequest,
): Promise<CallReserveOutcome> {
  return reserveCall(events, tx, {
    ...request,
    seat: wholeRun,
    phase: wholeRun,
    model: wholeRun,
    attempt: 1,
    inputTokens: 0,
    outputTokens: 0,
    drawsOn: null,
  });
}

/** Sets the worst case of one call aside in every budget that covers it, or in none. */
export async function reserveCall(
  events: Events,
  tx: Transaction,
  request: CallReserveRequest,
): Promise<CallReserveOutcome> {
  await settleAbandonedCalls(events, tx);
  await events.ensureRoom(tx, "begun");
  const { microUsd } = request;
  const source = await findSource(tx, request.drawsOn);
  const drawn = Math.min(microUsd, source?.microUsd ?? 0);
  const scopes = scopesOfCall(request.purpose, tx.nowMs);
  const rows = await tx.all<sql.BudgetRow>(calls.selectBudgetsOfCall, [
    tx.project,
    ...calls.paddedScopes(scopes),
  ]);
  const refusing = decideReserve(budgetsOf(without(rows, source, drawn)), microUsd);
  if (refusing !== null) {
    return { kind: "exceeded", budget: refusing };
  }
  const taken = rows.map(({ scope }) => scope);
  await draw(tx, source, drawn);
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
      ...(drawn === 0 ? {} : { drawn_from: request.drawsOn, drawn_micro_usd: drawn }),
    },
    changes: [],
  });
  // What is set aside for the rest of a run is no use yet.
  const rest = without(rows, source, source?.microUsd ?? 0);
  return { kind: "reserved", id: `K${String(number)}`, warnings: warningsAfter(rest, microUsd) };
}

/** What is set aside for a run, and still there. */
interface Source {
  readonly number: number;
  readonly microUsd: number;
  readonly scopes: readonly BudgetScope[];
}

async function findSource(reader: Reader, id: string | null): Promise<Source | null> {
  if (id === null) {
    return null;
  }
  const number = Number(id.slice(1));
  const row = await reader.get<calls.CallReservationRow>(calls.selectOpenCall, [
    reader.project,
    number,
  ]);
  return row === null || row.phase !== wholeRun
    ? null
    : { number, microUsd: row.micro_usd, scopes: JSON.parse(row.scopes) };
}

/** The budgets as they are when an amount of the source is let go. */
function without(
  rows: readonly sql.BudgetRow[],
  source: Source | null,
  microUsd: number,
): readonly sql.BudgetRow[] {
  return source === null
    ? rows
    : rows.map((row) =>
        source.scopes.includes(row.scope)
          ? { ...row, reserved_micro_usd: row.reserved_micro_usd - microUsd }
          : row,
      );
}

async function draw(tx: Transaction, source: Source | null, microUsd: number): Promise<void> {
  if (source === null || microUsd === 0) {
    return;
  }
  await tx.put(calls.updateDrawn, [microUsd, tx.project, source.number]);
  if (source.scopes.length > 0) {
    const scopes = calls.paddedScopes(source.scopes);
    await tx.put(calls.updateLetGoOfCall, [microUsd, tx.project, ...scopes]);
  }
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
