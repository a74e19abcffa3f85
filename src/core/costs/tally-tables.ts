export interface StandRow {
  readonly scope: string;
  readonly spent_micro_usd: number;
  readonly reserved_micro_usd: number;
}

/** Every budget, with a limit or without. */
export const selectStands =
  "SELECT scope, spent_micro_usd, reserved_micro_usd FROM budgets WHERE project = ? ORDER BY scope";

/** Lines of the ledger that count in the same budgets, added up; `run` is null where no call made them. */
export interface LedgerSumRow {
  readonly plan: string | null;
  readonly task: string | null;
  /** Days since 1970, in UTC. */
  readonly day: number;
  readonly run: string | null;
  readonly pr: number | null;
  readonly issue: number | null;
  readonly author: string | null;
  readonly micro_usd: number;
}

export const selectLedgerSums = `SELECT spends.plan AS plan, spends.task AS task, spends.at_ms / 86400000 AS day,
    call_spends.run AS run, call_spends.pr AS pr, call_spends.issue AS issue, call_spends.author AS author,
    CAST(SUM(spends.micro_usd) AS BIGINT) AS micro_usd
  FROM spends LEFT JOIN call_spends
    ON call_spends.project = spends.project AND call_spends.spend = spends.number
  WHERE spends.project = ? GROUP BY 1, 2, 3, 4, 5, 6, 7`;

/** What is left of open reservations that were taken from the same budgets. */
export interface OpenSumRow {
  /** JSON list. */
  readonly scopes: string;
  readonly micro_usd: number;
}

/** Parameters: project, twice. */
export const selectOpenSums = `SELECT scopes, CAST(SUM(left_micro_usd) AS BIGINT) AS micro_usd
    FROM reservations WHERE project = ? AND ended_at_ms IS NULL GROUP BY scopes
  UNION ALL
  SELECT scopes, CAST(SUM(micro_usd) AS BIGINT) AS micro_usd
    FROM call_reservations WHERE project = ? AND ended_at_ms IS NULL GROUP BY scopes`;
