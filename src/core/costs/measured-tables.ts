import type { Migration } from "../store/index.ts";

/** Which answers of models were counted from hosts' own records, and what came of each import. */
export const measuredMigration: Migration = {
  version: 12,
  name: "measured usage",
  statements: [
    `CREATE TABLE measured_uses (
      project TEXT NOT NULL,
      id TEXT NOT NULL,
      PRIMARY KEY (project, id)
    )`,
    `CREATE TABLE measured_spends (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      spend BIGINT,
      session TEXT,
      uses BIGINT NOT NULL,
      absorbed_micro_usd BIGINT NOT NULL,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX measured_spends_by_session ON measured_spends (project, session)`,
    `CREATE INDEX measured_spends_by_spend ON measured_spends (project, spend)`,
  ],
};

/** Changes no row when the answer was counted before. */
export const insertMeasuredUse = `INSERT INTO measured_uses (project, id) VALUES (?, ?)
  ON CONFLICT (project, id) DO NOTHING`;

export const selectMeasuredUse = "SELECT id FROM measured_uses WHERE project = ? AND id = ?";

export const insertMeasuredSpend = `INSERT INTO measured_spends
    (project, number, spend, session, uses, absorbed_micro_usd)
  VALUES (?, COALESCE((SELECT number FROM measured_spends WHERE project = ? ORDER BY number DESC LIMIT 1), 0) + 1, ?, ?, ?, ?)`;

/** What a session has told of by itself. Parameters: project, session. */
export const selectReported = `SELECT CAST(COALESCE(SUM(spends.micro_usd), 0) AS BIGINT) AS micro_usd FROM spends
  WHERE spends.project = ? AND spends.session = ?
    AND NOT EXISTS (SELECT 1 FROM measured_spends
      WHERE measured_spends.project = spends.project AND measured_spends.spend = spends.number)
    AND NOT EXISTS (SELECT 1 FROM call_spends
      WHERE call_spends.project = spends.project AND call_spends.spend = spends.number)`;

/** What of it was found again in records. Parameters: project, session. */
export const selectAbsorbed = `SELECT CAST(COALESCE(SUM(absorbed_micro_usd), 0) AS BIGINT) AS micro_usd
  FROM measured_spends WHERE project = ? AND session = ?`;
