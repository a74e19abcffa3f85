import type { SessionId } from "../base/ids.ts";
import { forRows } from "../store/index.ts";
import type { Migration } from "../store/index.ts";
import type { Tier } from "./session.ts";

/** Sessions, the hashes of their handles, and the calls that they made with an idempotency key. */
export const sessionsMigration: Migration = {
  version: 2,
  name: "sessions",
  statements: [
    `CREATE TABLE sessions (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      tier TEXT NOT NULL,
      depth BIGINT NOT NULL,
      ancestors TEXT NOT NULL,
      skills TEXT NOT NULL,
      client TEXT,
      external_id TEXT,
      process TEXT,
      git_dir TEXT,
      branch TEXT,
      joined_at_ms BIGINT NOT NULL,
      renewed_at_ms BIGINT NOT NULL,
      call_until_ms BIGINT,
      open_questions BIGINT NOT NULL,
      ended_at_ms BIGINT,
      end_reason TEXT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX sessions_living ON sessions (project, number) WHERE ended_at_ms IS NULL`,
    `CREATE INDEX sessions_by_name ON sessions (project, name) WHERE ended_at_ms IS NULL`,
    `CREATE UNIQUE INDEX sessions_by_external_id ON sessions (project, external_id)
      WHERE ended_at_ms IS NULL AND external_id IS NOT NULL`,
    `CREATE TABLE session_handles (
      project TEXT NOT NULL,
      hash TEXT NOT NULL,
      session BIGINT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      PRIMARY KEY (project, hash)
    )`,
    `CREATE INDEX session_handles_by_session ON session_handles (project, session)`,
    `CREATE TABLE session_keys (
      project TEXT NOT NULL,
      session BIGINT NOT NULL,
      place BIGINT NOT NULL,
      key TEXT NOT NULL,
      call_hash TEXT NOT NULL,
      result TEXT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      PRIMARY KEY (project, session, place)
    )`,
    `CREATE UNIQUE INDEX session_keys_by_key ON session_keys (project, session, key)`,
  ],
};

/** Whose session it is, where it came over a server. */
export const sessionPrincipalsMigration: Migration = {
  version: 15,
  name: "session principals",
  statements: ["ALTER TABLE sessions ADD COLUMN principal TEXT"],
};

export interface SessionRow {
  readonly number: number;
  readonly name: string;
  readonly role: string;
  readonly tier: Tier;
  readonly depth: number;
  /** JSON: ids from the nearest to the farthest. */
  readonly ancestors: string;
  /** JSON: texts. */
  readonly skills: string;
  readonly client: string | null;
  readonly external_id: string | null;
  /** JSON: a process stamp. */
  readonly process: string | null;
  readonly git_dir: string | null;
  readonly branch: string | null;
  readonly joined_at_ms: number;
  readonly renewed_at_ms: number;
  readonly call_until_ms: number | null;
  readonly open_questions: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly principal: string | null;
}

export interface KeyRow {
  readonly call_hash: string;
  readonly result: string;
}

/** The number within a session's id. */
export function numberOf(id: SessionId): number {
  return Number(id.slice(1));
}

const columns = `number, name, role, tier, depth, ancestors, skills, client, external_id, process, git_dir, branch,
  joined_at_ms, renewed_at_ms, call_until_ms, open_questions, ended_at_ms, end_reason, principal`;

export const selectLastNumber =
  "SELECT number FROM sessions WHERE project = ? ORDER BY number DESC LIMIT 1";

/** How many sessions live, counted no further than a limit. */
export const countLiving = `SELECT count(*) AS living FROM (
  SELECT 1 FROM sessions WHERE project = ? AND ended_at_ms IS NULL LIMIT ?) AS counted`;

export const insertSession = `INSERT INTO sessions (project, ${columns})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, NULL, NULL, ?)`;

export const selectSession = `SELECT ${columns} FROM sessions WHERE project = ? AND number = ?`;

export const selectByExternalId = `SELECT ${columns} FROM sessions
  WHERE project = ? AND external_id = ? AND ended_at_ms IS NULL`;

/** At most two of those who have a name, in no order: with one, SQLite walks over all living sessions. */
export const selectByName = `SELECT ${columns} FROM sessions
  WHERE project = ? AND name = ? AND ended_at_ms IS NULL LIMIT 2`;

/** The names of the living from one text to before another; `grace` and `grace.` hold between them `grace` and every `grace-2`. */
export const selectNamesFrom = `SELECT name FROM sessions
  WHERE project = ? AND name >= ? AND name < ? AND ended_at_ms IS NULL`;

export const selectLiving = `SELECT ${columns} FROM sessions
  WHERE project = ? AND ended_at_ms IS NULL ORDER BY number`;

export const selectAll = `SELECT ${columns} FROM sessions WHERE project = ? ORDER BY number`;

/** Living sessions whose last renewal and call are over; parameters: project, the last renewal that is too old, now. */
export const selectSilent = `SELECT ${columns} FROM sessions
  WHERE project = ? AND ended_at_ms IS NULL AND open_questions = 0 AND renewed_at_ms <= ?
    AND (call_until_ms IS NULL OR call_until_ms <= ?)
  ORDER BY number`;

const ofHandle = `s.number, s.name, s.role, s.tier, s.depth, s.ancestors, s.skills, s.client,
    s.external_id, s.process, s.git_dir, s.branch, s.joined_at_ms, s.renewed_at_ms, s.call_until_ms, s.open_questions,
    s.ended_at_ms, s.end_reason, s.principal`;

const handlesWithSessions =
  "session_handles h JOIN sessions s ON s.project = h.project AND s.number = h.session";

export const selectByHandle = `SELECT ${ofHandle} FROM ${handlesWithSessions} WHERE h.project = ? AND h.hash = ?`;

/** The same for some handles, each with its hash and what else is asked about its session, where `sessionColumns` stand for what is known of it. */
export function selectByHandles(further: string): (count: number) => string {
  return forRows(
    "?",
    (hashes) =>
      `SELECT h.hash, ${ofHandle}, ${further} FROM ${handlesWithSessions} WHERE h.project = ? AND h.hash IN (${hashes})`,
  );
}

/** What questions may be about. */
export const sessionColumns = {
  project: "h.project",
  id: "'s' || s.number",
  role: "s.role",
  joinedAtMs: "s.joined_at_ms",
} as const;

export const insertHandle =
  "INSERT INTO session_handles (project, hash, session, made_at_ms) VALUES (?, ?, ?, ?)";

export const updateRenewal = `UPDATE sessions SET name = ?, role = ?, tier = ?, skills = ?, process = ?, git_dir = ?,
    branch = ?, renewed_at_ms = ?
  WHERE project = ? AND number = ? AND ended_at_ms IS NULL`;

export const updateRenewedAt = `UPDATE sessions SET renewed_at_ms = ?
  WHERE project = ? AND number = ? AND ended_at_ms IS NULL AND renewed_at_ms < ?`;

export const updateCall = `UPDATE sessions SET call_until_ms = ?, renewed_at_ms = ?
  WHERE project = ? AND number = ? AND ended_at_ms IS NULL`;

export const updateParked = `UPDATE sessions SET open_questions = open_questions + 1
  WHERE project = ? AND number = ?`;

export const updateUnparked = `UPDATE sessions SET open_questions = open_questions - 1, renewed_at_ms = ?
  WHERE project = ? AND number = ? AND open_questions > 0`;

export const updateEnded = `UPDATE sessions SET ended_at_ms = ?, end_reason = ?, call_until_ms = NULL
  WHERE project = ? AND number = ? AND ended_at_ms IS NULL`;

/** Of one, as every call with a key asks: the text for several takes SQLite twelve times as long for it, and that of `deleteOldKeysOf` more than twice. */
export const selectKey =
  "SELECT call_hash, result FROM session_keys WHERE project = ? AND session = ? AND key = ?";

const lastPlace =
  "COALESCE((SELECT place FROM session_keys WHERE project = ? AND session = ? ORDER BY place DESC LIMIT 1), 0)";

/** A key that a session has used. */
export interface KeyOfSession {
  readonly session: number;
  readonly key: string;
}

/** Those of some keys that their sessions have used. Parameters: session and key of each, then the project. */
export const selectKeys = forRows(
  "(CAST(? AS BIGINT), ?)",
  (keys) => `SELECT session, key FROM (VALUES ${keys}) AS asked CROSS JOIN session_keys
  WHERE project = ? AND session = asked.column1 AND key = asked.column2`,
);

/** The place comes after the last one: the project has one writer. Of one session there is one row at most. */
export const insertKeys = forRows(
  `(?, ?, ${lastPlace} + 1, ?, ?, ?, ?)`,
  (rows) =>
    `INSERT INTO session_keys (project, session, place, key, call_hash, result, made_at_ms) VALUES ${rows}`,
);

/** All but the last so many. */
export const deleteOldKeys = `DELETE FROM session_keys
  WHERE project = ? AND session = ? AND place <= ${lastPlace} - ?`;

/** The same for some sessions. */
export const deleteOldKeysOf = forRows(
  "?",
  (sessions) => `DELETE FROM session_keys WHERE project = ? AND session IN (${sessions})
  AND place <= (SELECT MAX(place) FROM session_keys k WHERE k.project = session_keys.project AND k.session = session_keys.session) - ?`,
);

const endedBefore = `SELECT number FROM sessions WHERE project = ? AND ended_at_ms < ?
  AND number < (SELECT MAX(number) FROM sessions WHERE project = ?)`;

export const deleteKeysOfEnded = `DELETE FROM session_keys WHERE project = ? AND session IN (${endedBefore})`;

export const deleteHandlesOfEnded = `DELETE FROM session_handles WHERE project = ? AND session IN (${endedBefore})`;

export const deleteEnded = `DELETE FROM sessions WHERE project = ? AND ended_at_ms < ?
  AND number < (SELECT MAX(number) FROM sessions WHERE project = ?)`;
