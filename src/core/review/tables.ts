import type { Migration } from "../store/index.ts";

/** Reviews with all that a tally needs, what people did with their findings, and what was learned of the models from that. */
export const reviewMigration: Migration = {
  version: 9,
  name: "reviews",
  statements: [
    `CREATE TABLE reviews (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      subject TEXT NOT NULL,
      actor TEXT NOT NULL,
      preset TEXT NOT NULL,
      state TEXT NOT NULL,
      verdict TEXT,
      findings BIGINT NOT NULL,
      micro_usd BIGINT NOT NULL,
      started_at_ms BIGINT NOT NULL,
      finished_at_ms BIGINT,
      record TEXT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX reviews_by_subject ON reviews (project, subject, number)`,
    `CREATE TABLE review_outcomes (
      project TEXT NOT NULL,
      review BIGINT NOT NULL,
      finding TEXT NOT NULL,
      outcome TEXT NOT NULL,
      actor TEXT NOT NULL,
      decided_at_ms BIGINT NOT NULL,
      PRIMARY KEY (project, review, finding)
    )`,
    `CREATE TABLE review_track (
      project TEXT NOT NULL,
      model TEXT NOT NULL,
      category TEXT NOT NULL,
      right_count BIGINT NOT NULL,
      wrong_count BIGINT NOT NULL,
      PRIMARY KEY (project, model, category)
    )`,
  ],
};

export interface ReviewRow {
  readonly number: number;
  readonly subject: string;
  readonly actor: string;
  readonly preset: string;
  readonly state: "running" | "finished";
  readonly verdict: string | null;
  readonly findings: number;
  readonly micro_usd: number;
  readonly started_at_ms: number;
  readonly finished_at_ms: number | null;
}

export interface RecordRow {
  /** JSON; null while it runs. */
  readonly record: string | null;
}

export interface OutcomeRow {
  readonly finding: string;
  readonly outcome: "resolved" | "dismissed";
}

/** The last finished review of a subject. */
export interface LastRow extends KeptRow {
  readonly started_at_ms: number;
}

/** A finished review's record. */
export interface KeptRow {
  readonly number: number;
  /** JSON. */
  readonly record: string;
}

export interface SaidRow extends OutcomeRow {
  readonly review: number;
}

export interface TrackRow {
  readonly model: string;
  readonly category: string;
  readonly right_count: number;
  readonly wrong_count: number;
}

const columns =
  "number, subject, actor, preset, state, verdict, findings, micro_usd, started_at_ms, finished_at_ms";

export const selectLastNumber =
  "SELECT number FROM reviews WHERE project = ? ORDER BY number DESC LIMIT 1";

export const insertReview = `INSERT INTO reviews (project, ${columns}, record)
  VALUES (?, ?, ?, ?, ?, 'running', NULL, 0, 0, ?, NULL, NULL)`;

export const updateFinished = `UPDATE reviews
  SET state = 'finished', verdict = ?, findings = ?, micro_usd = ?, finished_at_ms = ?, record = ?
  WHERE project = ? AND number = ? AND state = 'running'`;

export const selectReview = `SELECT ${columns} FROM reviews WHERE project = ? AND number = ?`;

export const selectRecord = "SELECT record FROM reviews WHERE project = ? AND number = ?";

export const selectReviews = `SELECT ${columns} FROM reviews WHERE project = ? ORDER BY number DESC LIMIT ?`;

export const selectLastOf = `SELECT number, started_at_ms, record FROM reviews
  WHERE project = ? AND subject = ? AND state = 'finished' ORDER BY number DESC LIMIT 1`;

const saidSince = `FROM reviews r JOIN review_outcomes o ON o.project = r.project AND o.review = r.number
  WHERE r.project = ? AND r.subject = ? AND (o.review = ? OR o.decided_at_ms >= ?)`;

/** What was said of reviews of a subject. Parameters: project, subject, the last review, of which all counts, and since when of the others. */
export const selectSaidSince = `SELECT o.review, o.finding, o.outcome ${saidSince}
  ORDER BY o.decided_at_ms, o.review, o.finding`;

/** The records of the older reviews that this was said of, each once. Parameters: project, the same, and the last review again. */
export const selectSpokenOf = `SELECT number, record FROM reviews
  WHERE project = ? AND number IN (SELECT o.review ${saidSince} AND o.review <> ?)`;

export const selectOutcomes =
  "SELECT finding, outcome FROM review_outcomes WHERE project = ? AND review = ? ORDER BY finding";

export const upsertOutcome = `INSERT INTO review_outcomes (project, review, finding, outcome, actor, decided_at_ms)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (project, review, finding) DO UPDATE SET
    outcome = excluded.outcome, actor = excluded.actor, decided_at_ms = excluded.decided_at_ms`;

export const upsertTrack = `INSERT INTO review_track (project, model, category, right_count, wrong_count)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (project, model, category) DO UPDATE SET
    right_count = review_track.right_count + excluded.right_count,
    wrong_count = review_track.wrong_count + excluded.wrong_count`;

export const selectTrack = `SELECT model, category, right_count, wrong_count FROM review_track
  WHERE project = ? ORDER BY model, category`;

export const deleteTrack = "DELETE FROM review_track WHERE project = ?";

/** Parameters: project, the time before which all go, project. The newest stays, so that no number is given twice. */
export const deleteOld = `DELETE FROM reviews WHERE project = ? AND started_at_ms < ?
  AND number < (SELECT MAX(number) FROM reviews WHERE project = ?)`;

/** Parameters: project, project. */
export const deleteLostOutcomes = `DELETE FROM review_outcomes WHERE project = ?
  AND review NOT IN (SELECT number FROM reviews WHERE project = ?)`;
