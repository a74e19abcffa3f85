import { forRows } from "../store/index.ts";
import type { Migration } from "../store/index.ts";

/** The log and its head: one row a project, the last row that a write transaction touches. */
export const eventsMigration: Migration = {
  version: 1,
  name: "events",
  statements: [
    `CREATE TABLE event_heads (
      project TEXT NOT NULL PRIMARY KEY,
      last_seq BIGINT NOT NULL,
      last_hash TEXT NOT NULL,
      archived_seq BIGINT NOT NULL,
      archived_hash TEXT NOT NULL
    )`,
    `CREATE TABLE events (
      project TEXT NOT NULL,
      seq BIGINT NOT NULL,
      at_ms BIGINT NOT NULL,
      kind TEXT NOT NULL,
      text TEXT NOT NULL,
      hash TEXT NOT NULL,
      PRIMARY KEY (project, seq)
    )`,
  ],
};

export interface HeadRow {
  readonly last_seq: number;
  readonly last_hash: string;
  readonly archived_seq: number;
  readonly archived_hash: string;
}

export interface EventRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly text: string;
  readonly hash: string;
}

export const selectHead =
  "SELECT last_seq, last_hash, archived_seq, archived_hash FROM event_heads WHERE project = ?";

export const upsertHead = `INSERT INTO event_heads (project, last_seq, last_hash, archived_seq, archived_hash)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (project) DO UPDATE SET last_seq = excluded.last_seq, last_hash = excluded.last_hash,
    archived_seq = excluded.archived_seq, archived_hash = excluded.archived_hash`;

export const updateHead = "UPDATE event_heads SET last_seq = ?, last_hash = ? WHERE project = ?";

export const insertEvents = forRows(
  "(?, ?, ?, ?, ?, ?)",
  (rows) => `INSERT INTO events (project, seq, at_ms, kind, text, hash) VALUES ${rows}`,
);

export const selectAfter =
  "SELECT seq, at_ms, kind, text, hash FROM events WHERE project = ? AND seq > ? ORDER BY seq LIMIT ?";

/** The same with the event of that number itself. */
export const selectFrom =
  "SELECT seq, at_ms, kind, text, hash FROM events WHERE project = ? AND seq >= ? ORDER BY seq LIMIT ?";

export const selectHashAt =
  "SELECT seq, at_ms, kind, text, hash FROM events WHERE project = ? AND seq = ?";

/** The newest of a kind behind a number, the newest first. */
export const selectNewest = `SELECT e.seq, e.at_ms, e.kind, e.text, e.hash, b.hash AS prev_hash
  FROM events e LEFT JOIN events b ON b.project = e.project AND b.seq = e.seq - 1
  WHERE e.project = ? AND e.seq > ? AND e.kind = ? ORDER BY e.seq DESC LIMIT ?`;

/** The newest event that is older than a time, for archiving. */
export const selectLastBefore =
  "SELECT seq, at_ms, kind, text, hash FROM events WHERE project = ? AND at_ms < ? ORDER BY seq DESC LIMIT 1";

/** What stands where nothing is kept any more. */
export const selectUpTo =
  "SELECT seq, at_ms, kind, text, hash FROM events WHERE project = ? AND seq <= ? ORDER BY seq LIMIT 1";

export const deleteUpTo = "DELETE FROM events WHERE project = ? AND seq <= ?";
