import { SkeinError } from "../base/errors.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { estimateClaim } from "./budget.ts";
import { calendarScopes } from "./call.ts";
import type {
  CallReserveOutcome,
  CallReserveRequest,
  CallSettleRequest,
  RunReserveRequest,
  SeatSpend,
} from "./call.ts";
import { reserveCall, reserveRun, spentBySeat } from "./calls.ts";
import type { Budget, BudgetScope, Covering, ReserveOutcome, Spend } from "./cost.ts";
import { costErrors } from "./errors.ts";
import { findBudget } from "./find-budget.ts";
import { measure, unmeasured } from "./measuring.ts";
import type { Measured, MeasureRequest } from "./measuring.ts";
import { defaultPrices } from "./prices.ts";
import type { PriceTable } from "./prices.ts";
import type {
  BudgetRequest,
  CoveringRequest,
  RefusalRequest,
  ReserveRequest,
  SettleRequest,
  SpendRequest,
  SpendsOptions,
  Totals,
  TotalsBy,
  TotalsOptions,
} from "./requests.ts";
import type { OutcomeRequest, PaidOutcome } from "./outcome.ts";
import { paidOutcomes, recordOutcome } from "./outcomes.ts";
import { retryMoney } from "./retries.ts";
import type { RetryMoney } from "./retries.ts";
import { openPurse } from "./purse.ts";
import type { Purse } from "./purse.ts";
import { reserveAll } from "./reserving-all.ts";
import type { AllSetAside, CoveredRequest } from "./reserving-all.ts";
import { covering, findRefusal, reserve, settle } from "./reserving.ts";
import { deleteOldBudgets, deleteOldCalls } from "./call-tables.ts";
import { budgetsOf, spendOf } from "./rows.ts";
import { settleAbandonedCalls, settleCall } from "./settling-calls.ts";
import { largestCount, record } from "./spending.ts";
import { spentIn } from "./spent-in.ts";
import * as sql from "./tables.ts";
import { tally } from "./tally.ts";
import type { BudgetTally } from "./tally.ts";
import { total, totals } from "./totals.ts";
import type { MeasuredUse } from "./transcripts/transcript.ts";

/** The ledger: budgets, what is set aside, what was spent. */
export interface Costs {
  /** Sets, changes or (limit null) removes a budget. What was already spent in its scope counts. */
  setBudget(tx: Transaction, request: BudgetRequest): Promise<void>;
  budget(reader: Reader, scope: BudgetScope): Promise<Budget | null>;
  budgets(reader: Reader): Promise<readonly Budget[]>;
  /** What the ledger holds for a scope, with or without a budget. */
  spentIn(reader: Reader, scope: BudgetScope): Promise<MicroUsd>;
  /** Sets money aside in every budget that covers the task, or in none. Without a budget nothing is written. */
  reserve(tx: Transaction, request: ReserveRequest): Promise<ReserveOutcome>;
  /** What covers a task, for a `reserve` of the same transaction: whoever knows early asks for it beside other things. */
  covering(reader: Reader, request: CoveringRequest): Promise<Covering>;
  /** Looks at what covers some tasks, for a `reserveAll` of the same transaction. */
  openPurse(reader: Reader, tasks: readonly CoveringRequest[]): Promise<Purse>;
  /** Sets money aside for several claims at once, after the last number, which `lastReservationProbe` found in this transaction; in their order. */
  reserveAll(
    tx: Transaction,
    requests: readonly CoveredRequest[],
    lastNumber: number,
  ): Promise<readonly AllSetAside[]>;
  /** The hard budget that would refuse such a reservation now, or null: why a task is not given. */
  refusal(reader: Reader, request: RefusalRequest): Promise<Budget | null>;
  /** Writes a spend down, takes it from the claim's reservation and adds it to each budget, over the limit too. */
  record(tx: Transaction, request: SpendRequest): Promise<Spend>;
  /** Ends a claim's money: lets go of what is left and marks the spends of a failed attempt. Does nothing where there is nothing. */
  settle(tx: Transaction, request: SettleRequest): Promise<void>;
  /** Sets the worst case of all calls of a run aside before its first, as `reserveCall` does for one; they draw on it. */
  reserveRun(tx: Transaction, request: RunReserveRequest): Promise<CallReserveOutcome>;
  /** Sets the worst case of one call to a model aside in every budget that covers it, or in none. */
  reserveCall(tx: Transaction, request: CallReserveRequest): Promise<CallReserveOutcome>;
  /** Ends a call's reservation and writes down what it cost; null where nothing was charged or it was settled before. */
  settleCall(tx: Transaction, request: CallSettleRequest): Promise<Spend | null>;
  /** Charges calls whose process is gone at their worst case, lets go of what was set aside for their run, and tells how many. */
  settleAbandonedCalls(tx: Transaction): Promise<number>;
  /** What the calls of one review or draft have cost, by seat. */
  spentBySeat(reader: Reader, run: string): Promise<readonly SeatSpend[]>;
  /** Counts what hosts' own records of a session say was used; an answer counts once. */
  measure(tx: Transaction, request: MeasureRequest): Promise<Measured>;
  /** What the second and later attempts of a plan have cost, and may cost. */
  retryMoney(reader: Reader, plan: string): Promise<RetryMoney>;
  /** Those that were not counted before. */
  unmeasured(reader: Reader, uses: readonly MeasuredUse[]): Promise<readonly MeasuredUse[]>;
  /** Lines of the ledger, oldest first. */
  spends(reader: Reader, options?: SpendsOptions): Promise<readonly Spend[]>;
  /** The dearest first; days in their order. */
  totals(reader: Reader, by: TotalsBy, options?: TotalsOptions): Promise<readonly Totals[]>;
  /** The sum of all spends. */
  total(reader: Reader, options?: TotalsOptions): Promise<Totals>;
  /** Keeps what an issue or a pull request came to. */
  recordOutcome(tx: Transaction, request: OutcomeRequest): Promise<void>;
  /** The newest first, at most 200, each with all that was spent for it. */
  outcomes(reader: Reader, options?: TotalsOptions): Promise<readonly PaidOutcome[]>;
  /** What a claim is expected to cost, from its size: the default reservation. */
  estimateClaim(minutes: number): MicroUsd;
  /** What stands in every budget beside what the ledger and the open reservations come to. */
  tally(reader: Reader): Promise<readonly BudgetTally[]>;
  /** Deletes reservations that ended before a time, with the budgets of runs, days and months then; tells how many. The ledger stays. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export interface CostsDeps {
  readonly events: Events;
  /** Default: the table that Skein comes with. */
  readonly prices?: PriceTable | undefined;
}

export function createCosts({ events, prices = defaultPrices }: CostsDeps): Costs {
  return {
    setBudget: async (tx, request) => setBudget(events, tx, request),
    budget: findBudget,
    budgets: listBudgets,
    spentIn,
    reserve,
    covering,
    openPurse,
    reserveAll: (tx, requests, lastNumber) => reserveAll(tx, { requests, lastNumber }),
    refusal: findRefusal,
    record: async (tx, request) => record({ events, prices }, tx, request),
    settle: async (tx, request) => settle(events, tx, request),
    reserveRun: async (tx, request) => reserveRun(events, tx, request),
    reserveCall: async (tx, request) => reserveCall(events, tx, request),
    settleCall: async (tx, request) => settleCall(events, tx, request),
    settleAbandonedCalls: async (tx) => settleAbandonedCalls(events, tx),
    spentBySeat,
    measure: async (tx, request) => measure({ events, prices }, tx, request),
    retryMoney,
    unmeasured,
    spends,
    totals,
    total,
    recordOutcome: async (tx, request) => recordOutcome(events, tx, request),
    outcomes: paidOutcomes,
    estimateClaim,
    tally,
    prune,
  };
}

async function prune(tx: Transaction, beforeMs: number): Promise<number> {
  const params = [tx.project, beforeMs, tx.project];
  const calls = await tx.run(deleteOldCalls, params);
  const day = new Date(beforeMs).toISOString().slice(0, 10);
  await tx.put(deleteOldBudgets, [tx.project, ...calendarScopes(beforeMs), day]);
  return calls + (await tx.run(sql.deleteOldReservations, params));
}

async function setBudget(
  events: Events,
  tx: Transaction,
  { scope, limitMicroUsd, isHard, actor }: BudgetRequest,
): Promise<void> {
  const limit = limitMicroUsd ?? 0;
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > largestCount) {
    throw new SkeinError(costErrors.badBudget, { facts: { scope, limit_micro_usd: limit } });
  }
  const before = await findBudget(tx, scope);
  if (before?.limitMicroUsd === limitMicroUsd && before.isHard === isHard) {
    return;
  }
  const spent = await spentIn(tx, scope);
  await tx.put(sql.upsertBudget, [tx.project, scope, limitMicroUsd, isHard ? 1 : 0, spent]);
  await events.append(tx, {
    kind: "budget.set",
    actor,
    cause: null,
    data: { scope, limit_micro_usd: limitMicroUsd, is_hard: isHard },
    changes: [],
  });
}

async function listBudgets(reader: Reader): Promise<readonly Budget[]> {
  return budgetsOf(await reader.all<sql.BudgetRow>(sql.selectBudgets, [reader.project]));
}

async function spends(
  reader: Reader,
  { after = 0, limit = 1_000 }: SpendsOptions = {},
): Promise<readonly Spend[]> {
  const rows = await reader.all<sql.SpendRow>(sql.selectSpends, [reader.project, after, limit]);
  return rows.map((row) => spendOf(row));
}
