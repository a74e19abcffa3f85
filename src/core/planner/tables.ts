import type { Migration } from "../store/index.ts";

/** Drafts of plans, until they are approved or forgotten. */
export const plannerMigration: Migration = {
  version: 11,
  name: "plan drafts",
  statements: [
    `CREATE TABLE plan_drafts (
      project TEXT NOT NULL,
      hash TEXT NOT NULL,
      plan TEXT NOT NULL,
      actor TEXT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      approved_at_ms BIGINT,
      record TEXT NOT NULL,
      PRIMARY KEY (project, hash)
    )`,
    `CREATE INDEX plan_drafts_by_time ON plan_drafts (project, made_at_ms)`,
  ],
};

export interface DraftRow {
  readonly hash: string;
  readonly plan: string;
  readonly actor: string;
  readonly made_at_ms: number;
  readonly approved_at_ms: number | null;
  /** JSON. */
  readonly record: string;
}

const columns = "hash, plan, actor, made_at_ms, approved_at_ms, record";

/** The same draft made again counts as new: it is kept longer, and its approval stays. */
export const upsertDraft = `INSERT INTO plan_drafts (project, ${columns}) VALUES (?, ?, ?, ?, ?, NULL, ?)
  ON CONFLICT (project, hash) DO UPDATE SET
    actor = excluded.actor, made_at_ms = excluded.made_at_ms, record = excluded.record`;

/** Parameters: project, the hash's first digits with `g` behind them, which no digit comes after, and the digits. */
export const selectDrafts = `SELECT ${columns} FROM plan_drafts
  WHERE project = ? AND hash >= ? AND hash < ? ORDER BY hash LIMIT 2`;

export const updateApproved =
  "UPDATE plan_drafts SET approved_at_ms = ? WHERE project = ? AND hash = ?";

/** Parameters: project, project, how many stay. */
export const deleteOldDrafts = `DELETE FROM plan_drafts WHERE project = ? AND hash NOT IN
  (SELECT hash FROM plan_drafts WHERE project = ? ORDER BY made_at_ms DESC, hash LIMIT ?)`;
