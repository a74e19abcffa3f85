import type { Reader } from "../store/index.ts";
import type { Totals, TotalsBy, TotalsOptions } from "./requests.ts";
import { selectTotal, selectTotalsBy } from "./totals-tables.ts";
import type { TotalsRow } from "./totals-tables.ts";

const dayMs = 86_400_000;

/** Adds up the ledger by name: the dearest first, days in their order. */
export async function totals(
  reader: Reader,
  by: TotalsBy,
  { sinceMs = 0 }: TotalsOptions = {},
): Promise<readonly Totals[]> {
  const rows = await reader.all<TotalsRow>(selectTotalsBy(by), [reader.project, sinceMs]);
  const sums = rows.map((row) => totalsOf(row));
  if (by === "issue") {
    return numbered(sums);
  }
  return by === "day" ? sums.map(dated).toSorted((a, b) => (a.name < b.name ? -1 : 1)) : sums;
}

/** A plan whose name only begins as those of issues do is of none. */
function numbered(sums: readonly Totals[]): readonly Totals[] {
  const others = sums.filter((sum) => !isNamed(sum));
  const rest = others.length === 0 ? [] : [others.reduce(added, nothing)];
  return [...sums.filter(isNamed), ...rest].toSorted((a, b) => b.microUsd - a.microUsd);
}

function isNamed({ name }: Totals): boolean {
  return /^[1-9]\d{0,9}$/u.test(name);
}

function added(one: Totals, other: Totals): Totals {
  return {
    name: "",
    microUsd: one.microUsd + other.microUsd,
    retryMicroUsd: one.retryMicroUsd + other.retryMicroUsd,
    failedMicroUsd: one.failedMicroUsd + other.failedMicroUsd,
    guessMicroUsd: one.guessMicroUsd + other.guessMicroUsd,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cacheTokens: one.cacheTokens + other.cacheTokens,
    spends: one.spends + other.spends,
  };
}

function dated(sum: Totals): Totals {
  return { ...sum, name: new Date(Number(sum.name) * dayMs).toISOString().slice(0, 10) };
}

const nothing: Totals = {
  name: "",
  microUsd: 0,
  retryMicroUsd: 0,
  failedMicroUsd: 0,
  guessMicroUsd: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheTokens: 0,
  spends: 0,
};

/** Adds up the whole ledger. */
export async function total(reader: Reader, { sinceMs = 0 }: TotalsOptions = {}): Promise<Totals> {
  const row = await reader.get<TotalsRow>(selectTotal, [reader.project, sinceMs]);
  return row === null ? nothing : totalsOf(row);
}

function totalsOf(row: TotalsRow): Totals {
  return {
    name: row.name,
    microUsd: row.micro_usd,
    retryMicroUsd: row.retry_micro_usd,
    failedMicroUsd: row.failed_micro_usd,
    guessMicroUsd: row.guess_micro_usd,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cacheTokens: row.cache_tokens,
    spends: row.spends,
  };
}
