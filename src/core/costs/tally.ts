import type { MicroUsd } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { scopesOf } from "./budget.ts";
import { calendarScopes, scopesOfCall } from "./call.ts";
import type { BudgetScope } from "./cost.ts";
import * as sql from "./tally-tables.ts";

/** What stands in a budget, and what it should be. A budget whose limit was taken away goes on counting. */
export interface BudgetTally {
  readonly scope: string;
  readonly spentMicroUsd: MicroUsd;
  readonly reservedMicroUsd: MicroUsd;
  /** What the lines of the ledger that count in it add up to. */
  readonly ledgerMicroUsd: MicroUsd;
  /** What is left of the open reservations of claims, runs and calls that were taken from it. */
  readonly openMicroUsd: MicroUsd;
}

/** Adds up the ledger and the open reservations for every budget but `retries`, which counts nothing. */
export async function tally(reader: Reader): Promise<readonly BudgetTally[]> {
  const budgets = await reader.all<sql.StandRow>(sql.selectStands, [reader.project]);
  const ledger = addUp(await readLedger(reader));
  const open = addUp(await readOpen(reader));
  const known = new Set(budgets.map(({ scope }) => scope));
  const lost = [...open].filter(([scope]) => !known.has(scope));
  return [
    ...budgets
      .filter(({ scope }) => scope !== "retries")
      .map(({ scope, ...row }) => ({
        scope,
        spentMicroUsd: row.spent_micro_usd,
        reservedMicroUsd: row.reserved_micro_usd,
        ledgerMicroUsd: ledger.get(scope) ?? 0,
        openMicroUsd: open.get(scope) ?? 0,
      })),
    ...lost.map(([scope, openMicroUsd]) => ({ ...nothing, scope, openMicroUsd })),
  ];
}

/** Of a budget that is gone, only what was set aside in it can be told. */
const nothing = { spentMicroUsd: 0, reservedMicroUsd: 0, ledgerMicroUsd: 0 };

interface Amount {
  readonly scopes: readonly string[];
  readonly microUsd: MicroUsd;
}

function addUp(amounts: readonly Amount[]): ReadonlyMap<string, MicroUsd> {
  const sums = new Map<string, MicroUsd>();
  for (const { scopes, microUsd } of amounts) {
    for (const scope of scopes) {
      sums.set(scope, (sums.get(scope) ?? 0) + microUsd);
    }
  }
  return sums;
}

async function readLedger(reader: Reader): Promise<readonly Amount[]> {
  const rows = await reader.all<sql.LedgerSumRow>(sql.selectLedgerSums, [reader.project]);
  return rows.map((row) => ({ scopes: scopesOfLine(row), microUsd: row.micro_usd }));
}

/** The budgets that a line counts in, as when it was written. */
function scopesOfLine({ run, plan, task, day, ...row }: sql.LedgerSumRow): readonly BudgetScope[] {
  const atMs = day * 86_400_000;
  return run === null
    ? [...scopesOf(plan, task), ...calendarScopes(atMs)]
    : scopesOfCall({ ...row, run, plan, task, session: null }, atMs);
}

async function readOpen(reader: Reader): Promise<readonly Amount[]> {
  const { project } = reader;
  const rows = await reader.all<sql.OpenSumRow>(sql.selectOpenSums, [project, project]);
  return rows.map((row) => ({ scopes: textsOf(row.scopes), microUsd: row.micro_usd }));
}

/** What cannot be read names no budget. */
function textsOf(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
