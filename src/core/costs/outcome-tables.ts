import type { Migration } from "../store/index.ts";

/** What issues and pull requests came to, and on whose behalf calls of models are made. */
export const outcomesMigration: Migration = {
  version: 16,
  name: "outcomes",
  statements: [
    `CREATE TABLE outcomes (
      project TEXT NOT NULL,
      kind TEXT NOT NULL,
      number BIGINT NOT NULL,
      is_reached BIGINT NOT NULL,
      tasks TEXT NOT NULL,
      at_ms BIGINT NOT NULL,
      PRIMARY KEY (project, kind, number)
    )`,
    "ALTER TABLE call_reservations ADD COLUMN author TEXT",
    "ALTER TABLE call_spends ADD COLUMN author TEXT",
  ],
};

export interface OutcomeRow {
  readonly kind: "issue" | "pr";
  readonly number: number;
  readonly is_reached: number;
  /** JSON: a list of names. */
  readonly tasks: string;
  readonly at_ms: number;
}

const columns = "kind, number, is_reached, tasks, at_ms";

export const selectOutcome = `SELECT ${columns} FROM outcomes WHERE project = ? AND kind = ? AND number = ?`;

/** The newest first. Parameters: project, the first millisecond that counts, how many. */
export const selectOutcomes = `SELECT ${columns} FROM outcomes
  WHERE project = ? AND at_ms >= ? ORDER BY at_ms DESC, kind, number LIMIT ?`;

export const upsertOutcome = `INSERT INTO outcomes (project, ${columns}) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (project, kind, number)
  DO UPDATE SET is_reached = excluded.is_reached, tasks = excluded.tasks, at_ms = excluded.at_ms`;

export const deleteOutcome = "DELETE FROM outcomes WHERE project = ? AND kind = ? AND number = ?";

export interface AttemptSpendRow {
  readonly task: string;
  readonly micro_usd: number;
}

/** What was spent on the tasks of a plan whose ids begin so. Parameters: project, plan, the beginning's length, the beginning. */
export const selectSpentByTask = `SELECT task, CAST(SUM(micro_usd) AS BIGINT) AS micro_usd FROM spends
  WHERE project = ? AND plan = ? AND substr(task, 1, ?) = ? GROUP BY task`;
