import type { TotalsBy } from "./requests.ts";

/** Sums over the ledger. A day is told as the number of days since 1970, in UTC. */
export interface TotalsRow {
  readonly name: string;
  readonly micro_usd: number;
  readonly retry_micro_usd: number;
  readonly failed_micro_usd: number;
  readonly guess_micro_usd: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_tokens: number;
  readonly spends: number;
}

const sumOf = (value: string): string => `CAST(COALESCE(SUM(${value}), 0) AS BIGINT)`;
const sumWhere = (condition: string): string =>
  sumOf(`CASE WHEN ${condition} THEN spends.micro_usd ELSE 0 END`);

/** Parameters: project, the first millisecond that counts. */
const totals = (
  name: string,
): string => `SELECT ${name} AS name, ${sumOf("spends.micro_usd")} AS micro_usd,
    ${sumWhere("spends.attempt > 1")} AS retry_micro_usd,
    ${sumWhere("spends.is_failed = 1")} AS failed_micro_usd,
    ${sumWhere("spends.is_guess = 1")} AS guess_micro_usd,
    ${sumOf("spends.input_tokens")} AS input_tokens, ${sumOf("spends.output_tokens")} AS output_tokens,
    ${sumOf("spends.cache_read_tokens + spends.cache_write_tokens")} AS cache_tokens, COUNT(*) AS spends
  FROM spends LEFT JOIN call_spends
    ON call_spends.project = spends.project AND call_spends.spend = spends.number
  WHERE spends.project = ? AND spends.at_ms >= ?`;

export const selectTotal = totals("''");

const names: Readonly<Record<TotalsBy, string>> = {
  session: "COALESCE(spends.session, '')",
  plan: "COALESCE(spends.plan, '')",
  task: "COALESCE(spends.plan || '/' || spends.task, '')",
  model: "COALESCE(spends.model, '')",
  run: "COALESCE(call_spends.run, '')",
  pr: "COALESCE(CAST(call_spends.pr AS TEXT), '')",
  issue:
    "COALESCE(CAST(call_spends.issue AS TEXT), CASE WHEN spends.plan LIKE 'gh-%' THEN SUBSTR(spends.plan, 4) END, '')",
  day: "CAST(spends.at_ms / 86400000 AS TEXT)",
};

/** The sums by each kind of name, the dearest first. */
export function selectTotalsBy(by: TotalsBy): string {
  return `${totals(names[by])} GROUP BY 1 ORDER BY 2 DESC, 1`;
}
