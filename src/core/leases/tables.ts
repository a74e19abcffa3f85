import type { SessionId } from "../base/ids.ts";
import { forRows } from "../store/index.ts";
import type { Migration } from "../store/index.ts";
import type { LeaseMode, LeaseOrigin } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";
import { byPrefix } from "./prefix-statements.ts";

/**
 * Leases, the paths of the live ones by literal prefix, the queue, and what was integrated last of each pattern. `check_at_ms` is a time
 * before which a lease cannot have expired: it is only looked at again then.
 */
export const leasesMigration: Migration = {
  version: 4,
  name: "leases",
  statements: [
    `CREATE TABLE leases (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      session TEXT NOT NULL,
      plan TEXT,
      task TEXT,
      mode TEXT NOT NULL,
      origin TEXT NOT NULL,
      patterns TEXT NOT NULL,
      reason TEXT NOT NULL,
      branch TEXT,
      fence BIGINT NOT NULL,
      granted_at_ms BIGINT NOT NULL,
      renewed_at_ms BIGINT NOT NULL,
      duration_ms BIGINT NOT NULL,
      check_at_ms BIGINT NOT NULL,
      released_at_ms BIGINT,
      release_reason TEXT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX leases_by_session ON leases (project, session, number) WHERE released_at_ms IS NULL`,
    `CREATE INDEX leases_by_history ON leases (project, session, number)`,
    `CREATE INDEX leases_by_task ON leases (project, plan, task, number) WHERE released_at_ms IS NULL`,
    `CREATE INDEX leases_by_check ON leases (project, check_at_ms) WHERE released_at_ms IS NULL`,
    `CREATE TABLE lease_paths (
      project TEXT NOT NULL,
      prefix TEXT NOT NULL,
      lease BIGINT NOT NULL,
      ordinal BIGINT NOT NULL,
      kind TEXT NOT NULL,
      text TEXT NOT NULL,
      session TEXT NOT NULL,
      mode TEXT NOT NULL,
      PRIMARY KEY (project, prefix, lease, ordinal)
    )`,
    `CREATE TABLE lease_waits (
      project TEXT NOT NULL,
      session TEXT NOT NULL,
      place BIGINT NOT NULL,
      patterns TEXT NOT NULL,
      mode TEXT NOT NULL,
      reason TEXT NOT NULL,
      queued_at_ms BIGINT NOT NULL,
      polled_at_ms BIGINT NOT NULL,
      offered_at_ms BIGINT,
      PRIMARY KEY (project, session)
    )`,
    `CREATE TABLE landed_paths (
      project TEXT NOT NULL,
      prefix TEXT NOT NULL,
      kind TEXT NOT NULL,
      text TEXT NOT NULL,
      plan TEXT NOT NULL,
      task TEXT NOT NULL,
      commit_id TEXT NOT NULL,
      landed_at_ms BIGINT NOT NULL,
      PRIMARY KEY (project, prefix, kind, text)
    )`,
  ],
};

export interface LeaseRow {
  readonly number: number;
  readonly session: SessionId;
  readonly plan: string | null;
  readonly task: string | null;
  readonly mode: LeaseMode;
  readonly origin: LeaseOrigin;
  /** JSON: pairs of kind and text. */
  readonly patterns: string;
  readonly reason: string;
  readonly branch: string | null;
  readonly fence: number;
  readonly granted_at_ms: number;
  readonly renewed_at_ms: number;
  readonly duration_ms: number;
  readonly released_at_ms: number | null;
  readonly release_reason: string | null;
}

const leaseColumns = `number, session, plan, task, mode, origin, patterns, reason, branch, fence,
  granted_at_ms, renewed_at_ms, duration_ms, released_at_ms, release_reason`;

export const insertLeases = forRows(
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  (
    rows,
  ) => `INSERT INTO leases (project, number, session, plan, task, mode, origin, patterns, reason,
  branch, fence, granted_at_ms, renewed_at_ms, duration_ms, check_at_ms, released_at_ms, release_reason)
  VALUES ${rows}`,
);

/** One under the next number, which it returns. Parameters: the project in the number's place too. */
export const insertNextLease = `INSERT INTO leases (project, number, session, plan, task, mode, origin, patterns, reason,
  branch, fence, granted_at_ms, renewed_at_ms, duration_ms, check_at_ms, released_at_ms, release_reason)
  VALUES (?, COALESCE((SELECT number FROM leases WHERE project = ? ORDER BY number DESC LIMIT 1), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  RETURNING number`;

export const selectLease = `SELECT ${leaseColumns} FROM leases WHERE project = ? AND number = ?`;

/** How many leases one statement reads: what is missing is filled up by repeating one. */
export const leasesAtOnce = 16;

export const selectLeases = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND number IN (${Array.from({ length: leasesAtOnce }, () => "?").join(", ")})`;

export const selectLive = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND released_at_ms IS NULL ORDER BY number`;

export const selectLiveOfSession = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND session = ? AND released_at_ms IS NULL ORDER BY number`;

export const selectLiveOfTask = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND plan = ? AND task = ? AND released_at_ms IS NULL ORDER BY number`;

/** What a session held last, ended leases too. */
export const selectLastOfSession = `SELECT patterns FROM leases
  WHERE project = ? AND session = ? ORDER BY number DESC LIMIT ?`;

export const selectAfterNumber = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND number > ? ORDER BY number LIMIT ?`;

/** Unreleased leases that may have expired. */
export const selectDue = `SELECT ${leaseColumns} FROM leases
  WHERE project = ? AND check_at_ms <= ? AND released_at_ms IS NULL ORDER BY check_at_ms LIMIT 500`;

/** Live leases beyond those of tasks, counted up to a limit. */
export const countOfFiles = `SELECT count(*) AS held FROM (
  SELECT 1 FROM leases WHERE project = ? AND released_at_ms IS NULL AND origin IN ('files', 'edit') LIMIT ?) AS counted`;

export const updateCheckAt = "UPDATE leases SET check_at_ms = ? WHERE project = ? AND number = ?";

export const updateRenewed = `UPDATE leases SET renewed_at_ms = ?, duration_ms = ?
  WHERE project = ? AND number = ? AND released_at_ms IS NULL`;

export const updateReleased = `UPDATE leases SET released_at_ms = ?, release_reason = ?
  WHERE project = ? AND number = ? AND released_at_ms IS NULL`;

export const updateLanding = `UPDATE leases SET origin = 'landing', check_at_ms = ?
  WHERE project = ? AND number = ? AND released_at_ms IS NULL`;

/** The newest lease stays, so that no number is ever given twice. */
export const deleteReleasedBefore = `DELETE FROM leases WHERE project = ? AND released_at_ms < ?
  AND number < (SELECT MAX(newest.number) FROM leases newest WHERE newest.project = ?)`;

export interface PathRow {
  readonly prefix: string;
  readonly lease: number;
  readonly kind: PathPattern["kind"];
  readonly text: string;
  readonly session: SessionId;
  readonly mode: LeaseMode;
}

export const insertPaths = forRows(
  "(?, ?, ?, ?, ?, ?, ?, ?)",
  (rows) =>
    `INSERT INTO lease_paths (project, prefix, lease, ordinal, kind, text, session, mode) VALUES ${rows}`,
);

export const deletePath = "DELETE FROM lease_paths WHERE project = ? AND prefix = ? AND lease = ?";

/** Looks for paths of leases. */
export const selectPaths = byPrefix(
  "SELECT prefix, lease, kind, text, session, mode FROM lease_paths",
);

export interface WaitRow {
  readonly session: SessionId;
  readonly place: number;
  readonly patterns: string;
  readonly mode: LeaseMode;
  readonly reason: string;
  readonly queued_at_ms: number;
  readonly polled_at_ms: number;
  readonly offered_at_ms: number | null;
}

export const selectWaits = `SELECT session, place, patterns, mode, reason, queued_at_ms, polled_at_ms, offered_at_ms
  FROM lease_waits WHERE project = ? ORDER BY place`;

export const upsertWait = `INSERT INTO lease_waits
  (project, session, place, patterns, mode, reason, queued_at_ms, polled_at_ms, offered_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (project, session) DO UPDATE SET place = excluded.place, patterns = excluded.patterns,
    mode = excluded.mode, reason = excluded.reason, queued_at_ms = excluded.queued_at_ms,
    polled_at_ms = excluded.polled_at_ms, offered_at_ms = excluded.offered_at_ms`;

export const updateOffered =
  "UPDATE lease_waits SET offered_at_ms = ? WHERE project = ? AND session = ?";

export const deleteWait = "DELETE FROM lease_waits WHERE project = ? AND session = ?";

export interface LandedRow {
  readonly prefix: string;
  readonly kind: PathPattern["kind"];
  readonly text: string;
  readonly plan: string;
  readonly task: string;
  readonly commit_id: string;
  readonly landed_at_ms: number;
}

export const upsertLanded = `INSERT INTO landed_paths (project, prefix, kind, text, plan, task, commit_id, landed_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (project, prefix, kind, text) DO UPDATE SET plan = excluded.plan, task = excluded.task,
    commit_id = excluded.commit_id, landed_at_ms = excluded.landed_at_ms`;

/** Looks for work that has landed. */
export const selectLanded = byPrefix(
  "SELECT prefix, kind, text, plan, task, commit_id, landed_at_ms FROM landed_paths",
);

export const deleteLandedBefore = "DELETE FROM landed_paths WHERE project = ? AND landed_at_ms < ?";
