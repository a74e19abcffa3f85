import type { EntityChange, Events } from "../events/index.ts";
import type { Reader, SqlValue, Transaction } from "../store/index.ts";
import { decideReserve, warningsOf } from "./budget.ts";
import { scopesOfCall } from "./call.ts";
import type {
  CallPurpose,
  CallReserveOutcome,
  CallReserveRequest,
  CallSettleRequest,
  SeatSpend,
} from "./call.ts";
import * as calls from "./call-tables.ts";
import type { BudgetScope, Spend } from "./cost.ts";
import { SkeinError } from "../base/errors.ts";
import { costErrors } from "./errors.ts";
import { budgetsOf, spendChange } from "./rows.ts";
import * as sql from "./tables.ts";

/** A call that nobody settled for this long is over: no call lasts half as long. */
const abandonedAfterMs = 1_800_000;

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
    ...padded(scopes),
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
    ...padded(scopes),
    amount,
  ]);
  if (changed !== scopes.length) {
    throw new SkeinError(costErrors.lostReservation, {
      facts: { scopes: [...scopes], micro_usd: amount },
    });
  }
}

function warningsAfter(rows: readonly sql.BudgetRow[], microUsd: number): readonly string[] {
  return warningsOf(
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
  await tx.run(calls.insertCall, [
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
    purpose.issue,
    JSON.stringify(scopes),
    request.inputTokens,
    request.outputTokens,
    request.microUsd,
    tx.nowMs,
  ]);
  return number;
}

/** Ends one reservation: what was used, or its whole amount as an estimate, becomes a line of the ledger. Happens once. */
export async function settleCall(
  events: Events,
  tx: Transaction,
  request: CallSettleRequest,
): Promise<Spend | null> {
  const number = Number(request.id.slice(1));
  const open = await tx.get<calls.CallReservationRow>(calls.selectOpenCall, [tx.project, number]);
  if (open === null) {
    return null;
  }
  await tx.run(calls.updateCallEnded, [tx.nowMs, tx.project, number]);
  await letGo(tx, open);
  if (request.charge.kind === "nothing") {
    await events.append(tx, {
      kind: "call.released",
      actor: request.actor,
      cause: null,
      data: { call: request.id, run: open.run },
      changes: [],
    });
    return null;
  }
  const spend = await newSpend(tx, open, request);
  await record(tx, open, { spend, isEstimated: request.charge.kind === "estimated" });
  await events.append(tx, {
    kind: "spend.recorded",
    actor: request.actor,
    cause: null,
    data: { call: request.id, run: open.run, is_estimated: request.charge.kind === "estimated" },
    changes: [changeOf(spend, open)],
  });
  return spend;
}

async function letGo(tx: Transaction, open: calls.CallReservationRow): Promise<void> {
  const scopes: readonly BudgetScope[] = JSON.parse(open.scopes);
  if (scopes.length > 0) {
    await tx.run(calls.updateLetGoOfCall, [open.micro_usd, tx.project, ...padded(scopes)]);
  }
}

async function newSpend(
  tx: Transaction,
  open: calls.CallReservationRow,
  { charge, isFailed }: CallSettleRequest,
): Promise<Spend> {
  const last = await tx.get<{ readonly number: number }>(sql.selectLastSpend, [tx.project]);
  const used = charge.kind === "used" ? charge : worstOf(open);
  const { microUsd, ...tokens } = used;
  return {
    id: `C${String((last?.number ?? 0) + 1)}`,
    atMs: tx.nowMs,
    session: open.session,
    plan: open.plan,
    task: open.task,
    fence: null,
    attempt: open.try,
    usage: {
      model: open.model,
      inputTokens: tokens.inputTokens,
      outputTokens: tokens.outputTokens,
      cacheReadTokens: tokens.cacheReadTokens,
      cacheWriteTokens: tokens.cacheWriteTokens,
      microUsd,
    },
    microUsd,
    isGuess: charge.kind === "estimated",
    isFailed,
  };
}

function worstOf(open: calls.CallReservationRow): {
  readonly microUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
} {
  return {
    microUsd: open.micro_usd,
    inputTokens: open.input_tokens,
    outputTokens: open.output_tokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
}

interface CallSpend {
  readonly spend: Spend;
  readonly isEstimated: boolean;
}

async function record(
  tx: Transaction,
  open: calls.CallReservationRow,
  { spend, isEstimated }: CallSpend,
): Promise<void> {
  const number = Number(spend.id.slice(1));
  const { usage } = spend;
  await tx.run(sql.insertCallSpendLine, [
    tx.project,
    number,
    spend.atMs,
    spend.session,
    spend.plan,
    spend.task,
    spend.attempt,
    usage.model,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.microUsd,
    spend.microUsd,
    spend.isGuess ? 1 : 0,
    spend.isFailed ? 1 : 0,
  ]);
  await tx.run(calls.insertCallSpend, [
    tx.project,
    number,
    open.run,
    open.seat,
    open.phase,
    open.pr,
    open.issue,
    isEstimated ? 1 : 0,
  ]);
  const scopes = scopesOfCall(purposeOf(open), tx.nowMs);
  await tx.run(calls.updateSpentOfCall, [spend.microUsd, tx.project, ...padded(scopes)]);
}

function purposeOf({ run, session, plan, task, pr, issue }: calls.CallReservationRow): CallPurpose {
  return { run, session, plan, task, pr, issue };
}

function changeOf(spend: Spend, open: calls.CallReservationRow): EntityChange {
  const { run, seat, phase, pr, issue } = open;
  const change = spendChange(spend);
  return { ...change, set: { ...change.set, run, seat, phase, pr, issue } };
}

/**
 * Charges what nobody settled: the process that made the call is gone, and its provider may have billed all of it. Whoever reserves next
 * does this, and `maintain`.
 */
export async function settleAbandonedCalls(events: Events, tx: Transaction): Promise<number> {
  const abandoned = await tx.all<calls.CallReservationRow>(calls.selectAbandonedCalls, [
    tx.project,
    tx.nowMs - abandonedAfterMs,
  ]);
  for (const { number } of abandoned) {
    await settleCall(events, tx, {
      id: `K${String(number)}`,
      charge: { kind: "estimated" },
      isFailed: true,
      actor: "system",
    });
  }
  return abandoned.length;
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

/** Exactly as many parameters as the statements have; a scope that is given twice counts once. */
function padded(scopes: readonly BudgetScope[]): readonly SqlValue[] {
  const last = scopes.at(-1) ?? "";
  return Array.from({ length: calls.mostScopes }, (_none, index) => scopes[index] ?? last);
}
