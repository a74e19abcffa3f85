import type { SessionId } from "../base/ids.ts";
import { forRows } from "../store/index.ts";
import type { Migration } from "../store/index.ts";
import type { BudgetScope } from "./cost.ts";

/** Budgets with their running sums, the open and ended reservations, and the ledger. */
export const costsMigration: Migration = {
  version: 6,
  name: "costs",
  statements: [
    `CREATE TABLE budgets (
      project TEXT NOT NULL,
      scope TEXT NOT NULL,
      limit_micro_usd BIGINT,
      is_hard BIGINT NOT NULL,
      reserved_micro_usd BIGINT NOT NULL,
      spent_micro_usd BIGINT NOT NULL,
      PRIMARY KEY (project, scope)
    )`,
    `CREATE TABLE reservations (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      session TEXT NOT NULL,
      plan TEXT NOT NULL,
      task TEXT NOT NULL,
      fence BIGINT NOT NULL,
      scopes TEXT NOT NULL,
      micro_usd BIGINT NOT NULL,
      left_micro_usd BIGINT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      ended_at_ms BIGINT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX reservations_open ON reservations (project, plan, task, fence) WHERE ended_at_ms IS NULL`,
    `CREATE TABLE spends (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      at_ms BIGINT NOT NULL,
      session TEXT,
      plan TEXT,
      task TEXT,
      fence BIGINT,
      attempt BIGINT,
      model TEXT,
      input_tokens BIGINT NOT NULL,
      output_tokens BIGINT NOT NULL,
      cache_read_tokens BIGINT NOT NULL,
      cache_write_tokens BIGINT NOT NULL,
      reported_micro_usd BIGINT,
      micro_usd BIGINT NOT NULL,
      is_guess BIGINT NOT NULL,
      is_failed BIGINT NOT NULL,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX spends_by_claim ON spends (project, plan, task, fence)`,
  ],
};

export interface BudgetRow {
  readonly scope: BudgetScope;
  readonly limit_micro_usd: number | null;
  readonly is_hard: number;
  readonly reserved_micro_usd: number;
  readonly spent_micro_usd: number;
}

export interface ReservationRow {
  readonly number: number;
  /** JSON: the scopes of the budgets it was taken from. */
  readonly scopes: string;
  readonly left_micro_usd: number;
}

export interface SpendRow {
  readonly number: number;
  readonly at_ms: number;
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  readonly fence: number | null;
  readonly attempt: number | null;
  readonly model: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reported_micro_usd: number | null;
  readonly micro_usd: number;
  readonly is_guess: number;
  readonly is_failed: number;
}

const budgetColumns = "scope, limit_micro_usd, is_hard, reserved_micro_usd, spent_micro_usd";

/** The budgets of a task's scopes, at most four; a scope is given again for one that does not apply. */
export const selectBudgetsOf = `SELECT ${budgetColumns} FROM budgets
  WHERE project = ? AND scope IN (?, ?, ?, ?) ORDER BY scope`;

/** The budgets of some scopes. */
export const selectBudgetsIn = forRows(
  "?",
  (scopes) =>
    `SELECT ${budgetColumns} FROM budgets WHERE project = ? AND scope IN (${scopes}) ORDER BY scope`,
);

export const selectBudgets = `SELECT ${budgetColumns} FROM budgets WHERE project = ? ORDER BY scope`;

export const upsertBudget = `INSERT INTO budgets (project, ${budgetColumns}) VALUES (?, ?, ?, ?, 0, ?)
  ON CONFLICT (project, scope) DO UPDATE SET limit_micro_usd = excluded.limit_micro_usd, is_hard = excluded.is_hard`;

/** Parameters: amount, project, scope, amount. No row changes when a hard limit does not allow it. */
export const updateReserved = `UPDATE budgets SET reserved_micro_usd = reserved_micro_usd + ?
  WHERE project = ? AND scope = ?
    AND (is_hard = 0 OR limit_micro_usd IS NULL OR reserved_micro_usd + spent_micro_usd + ? <= limit_micro_usd)`;

export const updateLetGo = `UPDATE budgets SET reserved_micro_usd = reserved_micro_usd - ?
  WHERE project = ? AND scope = ?`;

export const selectSpentInProject =
  "SELECT CAST(COALESCE(SUM(micro_usd), 0) AS BIGINT) AS micro_usd FROM spends WHERE project = ?";

export const selectSpentInPlan = `${selectSpentInProject} AND plan = ?`;

export const selectSpentInTask = `${selectSpentInPlan} AND task = ?`;

/** Takes the next number and returns it. Parameters: the project twice, then the rest. */
export const insertReservation = `INSERT INTO reservations
    (project, number, session, plan, task, fence, scopes, micro_usd, left_micro_usd, made_at_ms, ended_at_ms)
  VALUES (?, COALESCE((SELECT number FROM reservations WHERE project = ? ORDER BY number DESC LIMIT 1), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
  RETURNING number`;

/** Some under numbers that are known to be the next. */
export const insertReservations = forRows(
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
  (rows) => `INSERT INTO reservations
    (project, number, session, plan, task, fence, scopes, micro_usd, left_micro_usd, made_at_ms, ended_at_ms) VALUES ${rows}`,
);

/** The number of the last reservation. */
export const selectLastReservation =
  "SELECT number FROM reservations WHERE project = ? ORDER BY number DESC LIMIT 1";

export const selectOpenReservation = `SELECT number, scopes, left_micro_usd FROM reservations
  WHERE project = ? AND plan = ? AND task = ? AND fence = ? AND ended_at_ms IS NULL`;

export const updateReservationLeft =
  "UPDATE reservations SET left_micro_usd = left_micro_usd - ? WHERE project = ? AND number = ?";

/** Deletes ended reservations that are too old; the newest keeps the numbering. Parameters: project, the time before which they go, project. */
export const deleteOldReservations = `DELETE FROM reservations
  WHERE project = ? AND ended_at_ms IS NOT NULL AND ended_at_ms < ?
    AND number < (SELECT MAX(number) FROM reservations WHERE project = ?)`;

export const updateReservationEnded = `UPDATE reservations SET left_micro_usd = 0, ended_at_ms = ?
  WHERE project = ? AND number = ?`;

const spendColumns = `number, at_ms, session, plan, task, fence, attempt, model, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, reported_micro_usd, micro_usd, is_guess, is_failed`;

export const selectLastSpend =
  "SELECT number FROM spends WHERE project = ? ORDER BY number DESC LIMIT 1";

export const insertSpend = `INSERT INTO spends (project, ${spendColumns})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A line that belongs to no claim. */
export const insertCallSpendLine = `INSERT INTO spends (project, ${spendColumns})
  VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const selectSpends = `SELECT ${spendColumns} FROM spends
  WHERE project = ? AND number > ? ORDER BY number LIMIT ?`;

export const selectSpendsOfClaim = `SELECT number FROM spends
  WHERE project = ? AND plan = ? AND task = ? AND fence = ? AND is_failed = 0 ORDER BY number`;

export const updateSpendsFailed = `UPDATE spends SET is_failed = 1
  WHERE project = ? AND plan = ? AND task = ? AND fence = ? AND is_failed = 0`;
