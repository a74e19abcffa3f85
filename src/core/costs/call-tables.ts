import type { SessionId } from "../base/ids.ts";
import type { Migration, SqlValue } from "../store/index.ts";
import type { BudgetScope } from "./cost.ts";

/** Money set aside for calls to models, and what each line of the ledger that came of one belongs to. */
export const callsMigration: Migration = {
  version: 10,
  name: "calls",
  statements: [
    `CREATE TABLE call_reservations (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      run TEXT NOT NULL,
      seat TEXT NOT NULL,
      phase TEXT NOT NULL,
      try BIGINT NOT NULL,
      model TEXT NOT NULL,
      session TEXT,
      plan TEXT,
      task TEXT,
      pr BIGINT,
      issue BIGINT,
      scopes TEXT NOT NULL,
      input_tokens BIGINT NOT NULL,
      output_tokens BIGINT NOT NULL,
      micro_usd BIGINT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      ended_at_ms BIGINT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX call_reservations_open ON call_reservations (project, made_at_ms) WHERE ended_at_ms IS NULL`,
    `CREATE TABLE call_spends (
      project TEXT NOT NULL,
      spend BIGINT NOT NULL,
      run TEXT NOT NULL,
      seat TEXT NOT NULL,
      phase TEXT NOT NULL,
      pr BIGINT,
      issue BIGINT,
      is_estimated BIGINT NOT NULL,
      PRIMARY KEY (project, spend)
    )`,
    `CREATE INDEX call_spends_by_run ON call_spends (project, run)`,
    `CREATE INDEX call_spends_by_pr ON call_spends (project, pr) WHERE pr IS NOT NULL`,
    `CREATE INDEX spends_by_time ON spends (project, at_ms)`,
  ],
};

export interface CallReservationRow {
  readonly number: number;
  readonly run: string;
  readonly seat: string;
  readonly phase: string;
  readonly try: number;
  readonly model: string;
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  readonly pr: number | null;
  readonly issue: number | null;
  readonly author: string | null;
  /** JSON: the scopes of the budgets it was taken from. */
  readonly scopes: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly micro_usd: number;
  readonly made_at_ms: number;
}

/** How many scopes a call can count in, at most; fewer are given with the last one repeated. */
const mostScopes = 9;

/** Exactly as many parameters as the statements have; a scope that is given twice counts once. */
export function paddedScopes(scopes: readonly BudgetScope[]): readonly SqlValue[] {
  const last = scopes.at(-1) ?? "";
  return Array.from({ length: mostScopes }, (_none, index) => scopes[index] ?? last);
}

const scopeList = Array.from({ length: mostScopes }, () => "?").join(", ");

export const selectBudgetsOfCall = `SELECT scope, limit_micro_usd, is_hard, reserved_micro_usd, spent_micro_usd
  FROM budgets WHERE project = ? AND scope IN (${scopeList}) ORDER BY scope`;

/** Parameters: amount, project, scopes. */
export const updateSpentOfCall = `UPDATE budgets SET spent_micro_usd = spent_micro_usd + ?
  WHERE project = ? AND scope IN (${scopeList})`;

/** Parameters: amount, project, scopes: those that the reservation was taken from. */
export const updateLetGoOfCall = `UPDATE budgets SET reserved_micro_usd = reserved_micro_usd - ?
  WHERE project = ? AND scope IN (${scopeList})`;

/** Parameters: amount, project, scopes, amount. Changes as many rows as have room. */
export const updateReservedOfCall = `UPDATE budgets SET reserved_micro_usd = reserved_micro_usd + ?
  WHERE project = ? AND scope IN (${scopeList})
    AND (is_hard = 0 OR limit_micro_usd IS NULL OR reserved_micro_usd + spent_micro_usd + ? <= limit_micro_usd)`;

const columns =
  "number, run, seat, phase, try, model, session, plan, task, pr, issue, author, scopes, input_tokens, output_tokens, micro_usd";

export const selectLastCall =
  "SELECT number FROM call_reservations WHERE project = ? ORDER BY number DESC LIMIT 1";

export const insertCall = `INSERT INTO call_reservations (project, ${columns}, made_at_ms, ended_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`;

export const selectOpenCall = `SELECT ${columns}, made_at_ms FROM call_reservations
  WHERE project = ? AND number = ? AND ended_at_ms IS NULL`;

/** Takes what a call draws from what is set aside for its run. */
export const updateDrawn =
  "UPDATE call_reservations SET micro_usd = micro_usd - ? WHERE project = ? AND number = ?";

/** The open ones that were made before a time, the oldest first. */
export const selectAbandonedCalls = `SELECT ${columns}, made_at_ms FROM call_reservations
  WHERE project = ? AND ended_at_ms IS NULL AND made_at_ms < ? ORDER BY number LIMIT 100`;

export const updateCallEnded =
  "UPDATE call_reservations SET ended_at_ms = ? WHERE project = ? AND number = ? AND ended_at_ms IS NULL";

/** Deletes ended reservations that are too old; the newest keeps the numbering. Parameters: project, time, project. */
export const deleteOldCalls = `DELETE FROM call_reservations
  WHERE project = ? AND ended_at_ms IS NOT NULL AND ended_at_ms < ?
    AND number < (SELECT MAX(number) FROM call_reservations WHERE project = ?)`;

/**
 * Deletes the budgets of runs whose calls are forgotten and of days and months that are over: nothing is asked of them any more, and one
 * that is needed again counts anew what its scope has spent. Parameters: project, the oldest day and month to keep, and the day again.
 */
export const deleteOldBudgets = `DELETE FROM budgets WHERE project = ? AND reserved_micro_usd = 0 AND (
  (scope LIKE 'day:%' AND scope < ?) OR (scope LIKE 'month:%' AND scope < ?)
  OR (scope LIKE 'author:%' AND SUBSTR(scope, LENGTH(scope) - 9) < ?)
  OR (scope LIKE 'run:%' AND NOT EXISTS (SELECT 1 FROM call_reservations
    WHERE call_reservations.project = budgets.project AND 'run:' || call_reservations.run = budgets.scope)))`;

export const insertCallSpend = `INSERT INTO call_spends
    (project, spend, run, seat, phase, pr, issue, author, is_estimated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const spent = (where: string): string =>
  `SELECT CAST(COALESCE(SUM(spends.micro_usd), 0) AS BIGINT) AS micro_usd FROM call_spends
    JOIN spends ON spends.project = call_spends.project AND spends.number = call_spends.spend
    WHERE call_spends.project = ? AND ${where}`;

export const selectSpentInRun = spent("call_spends.run = ?");
export const selectSpentInPr = spent("call_spends.pr = ?");
/** Parameters: project, author, the first millisecond, the first one after. */
export const selectSpentByAuthor = spent(
  "call_spends.author = ? AND spends.at_ms >= ? AND spends.at_ms < ?",
);

/** Calls that name the issue, and what else counts for its plan. Parameters: project, issue, plan. */
export const selectSpentInIssue = `SELECT CAST(COALESCE(SUM(spends.micro_usd), 0) AS BIGINT) AS micro_usd
  FROM spends LEFT JOIN call_spends
    ON call_spends.project = spends.project AND call_spends.spend = spends.number
  WHERE spends.project = ? AND (call_spends.issue = ? OR (call_spends.issue IS NULL AND spends.plan = ?))`;

/** What second and later attempts of a plan have cost. Parameters: project, plan. */
export const selectSpentInRetries = `SELECT CAST(COALESCE(SUM(micro_usd), 0) AS BIGINT) AS micro_usd FROM spends
  WHERE project = ? AND plan = ? AND attempt > 1`;

/** Parameters: project, the first millisecond, the first one after. */
export const selectSpentBetween = `SELECT CAST(COALESCE(SUM(micro_usd), 0) AS BIGINT) AS micro_usd FROM spends
  WHERE project = ? AND at_ms >= ? AND at_ms < ?`;

/** What one run has spent, by seat. */
export const selectSpentBySeat = `SELECT call_spends.seat AS seat, COUNT(*) AS calls,
    CAST(COALESCE(SUM(spends.micro_usd), 0) AS BIGINT) AS micro_usd,
    CAST(COALESCE(SUM(spends.input_tokens + spends.cache_read_tokens + spends.cache_write_tokens), 0) AS BIGINT) AS input_tokens,
    CAST(COALESCE(SUM(spends.output_tokens), 0) AS BIGINT) AS output_tokens,
    CAST(COALESCE(SUM(call_spends.is_estimated), 0) AS BIGINT) AS estimated
  FROM call_spends JOIN spends ON spends.project = call_spends.project AND spends.number = call_spends.spend
  WHERE call_spends.project = ? AND call_spends.run = ? GROUP BY call_spends.seat ORDER BY call_spends.seat`;

export interface SeatSpendRow {
  readonly seat: string;
  readonly calls: number;
  readonly micro_usd: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly estimated: number;
}
