import type { EntityChange, Events } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { scopesOfCall, wholeRun } from "./call.ts";
import type { CallPurpose, CallSettleRequest } from "./call.ts";
import * as calls from "./call-tables.ts";
import type { BudgetScope, Spend } from "./cost.ts";
import { spendChange } from "./rows.ts";
import * as sql from "./tables.ts";

/** A call that nobody settled for this long is over: no call lasts half as long. */
const abandonedAfterMs = 1_800_000;

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
  await tx.put(calls.updateCallEnded, [tx.nowMs, tx.project, number]);
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
    await tx.put(calls.updateLetGoOfCall, [
      open.micro_usd,
      tx.project,
      ...calls.paddedScopes(scopes),
    ]);
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
    // It counts in the day that had room for it: the next one was asked for nothing.
    atMs: open.made_at_ms,
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
  await tx.put(sql.insertCallSpendLine, [
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
  await tx.put(calls.insertCallSpend, [
    tx.project,
    number,
    open.run,
    open.seat,
    open.phase,
    open.pr,
    open.issue,
    open.author,
    isEstimated ? 1 : 0,
  ]);
  const scopes = scopesOfCall(purposeOf(open), spend.atMs);
  await tx.put(calls.updateSpentOfCall, [
    spend.microUsd,
    tx.project,
    ...calls.paddedScopes(scopes),
  ]);
}

function purposeOf(row: calls.CallReservationRow): CallPurpose {
  const { run, session, plan, task, pr, issue, author } = row;
  return { run, session, plan, task, pr, issue, author };
}

function changeOf(spend: Spend, open: calls.CallReservationRow): EntityChange {
  const { run, seat, phase, pr, issue, author } = open;
  const change = spendChange(spend);
  return { ...change, set: { ...change.set, run, seat, phase, pr, issue, author } };
}

/**
 * Charges what nobody settled: the process that made the call is gone, and its provider may have billed all of it. What was set aside for a run and
 * drawn by no call is free again. Whoever asks for room or reserves next does this, and `maintain`. Tells how many calls were charged.
 */
export async function settleAbandonedCalls(events: Events, tx: Transaction): Promise<number> {
  const abandoned = await tx.all<calls.CallReservationRow>(calls.selectAbandonedCalls, [
    tx.project,
    tx.nowMs - abandonedAfterMs,
  ]);
  for (const { number, phase } of abandoned) {
    await settleCall(events, tx, {
      id: `K${String(number)}`,
      charge: { kind: phase === wholeRun ? "nothing" : "estimated" },
      isFailed: true,
      actor: "system",
    });
  }
  return abandoned.filter(({ phase }) => phase !== wholeRun).length;
}
