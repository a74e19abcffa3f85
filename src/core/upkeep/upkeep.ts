import type { JsonObject } from "../base/json.ts";

/**
 * The whole state as JSON, as `skein export -` prints it. The first lists are for reading: field names as in the log, times in epoch
 * milliseconds, money in micro-dollars. `tables` holds the rows as they are stored: an import restores those, and checks that the lists
 * say the same. Handles of sessions and tokens are never part of it.
 */
export interface StateExport {
  readonly schema_version: number;
  readonly project: string;
  /** Epoch milliseconds of the store. */
  readonly exported_at: number;
  readonly sessions: readonly JsonObject[];
  readonly plans: readonly JsonObject[];
  readonly tasks: readonly JsonObject[];
  readonly leases: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
  readonly approvals: readonly JsonObject[];
  /** With `text`, the stored text that the hash covers. */
  readonly events: readonly JsonObject[];
  readonly ledger: readonly JsonObject[];
  readonly budgets: readonly JsonObject[];
  readonly tables: { readonly [table: string]: readonly JsonObject[] };
}

/** One thing that must hold and does not. */
export interface Violation {
  /** 1 to 12, as in `docs/invariants.md`. */
  readonly invariant: number;
  readonly text: string;
  readonly facts: JsonObject;
}

export interface Verification {
  readonly isClean: boolean;
  readonly events: number;
  readonly violations: readonly Violation[];
}

export interface MaintenanceReport {
  /** Sessions ended, tasks returned and leases released because their time was over. */
  readonly expired: number;
  /** Calls of models whose process is gone, charged at their worst case. */
  readonly settledCalls: number;
  /** Hours of metrics that were too old. */
  readonly prunedMetrics: number;
  readonly archivedPlans: number;
  readonly archivedTasks: number;
  readonly archivedEvents: number;
  /** The names of the archives that were written. */
  readonly archives: readonly string[];
  readonly prunedSessions: number;
  readonly prunedLeases: number;
  readonly prunedMessages: number;
  readonly prunedApprovals: number;
  readonly prunedReservations: number;
  readonly prunedReviews: number;
  readonly prunedTokens: number;
  readonly backup: string | null;
  /** True when the journal was moved into the database, and unused pages given back where that was worth it. */
  readonly isTidied: boolean;
}

/** Keeps the store in order and moves it. */
export interface Upkeep {
  export(): Promise<StateExport>;
  /** Restores an export into an empty project, all or nothing. @throws {SkeinError} SKN-182x naming the faulty place, SKN-4821. */
  import(text: string): Promise<{ readonly rows: number }>;
  /** Checks the hash chain and every invariant of the stored state. Reads only. */
  verify(): Promise<Verification>;
  maintain(options: MaintenanceOptions): Promise<MaintenanceReport>;
}

export interface MaintenanceOptions {
  /** Finished plans, ended leases and sessions, messages and events older than this go. Usually 90 days. */
  readonly archiveAfterMs: number;
  /** Metrics older than this go. Default 30 days. */
  readonly metricsAfterMs?: number | undefined;
  /** Where to write a backup, or null for none. Must not exist. */
  readonly backupFile: string | null;
  /** Whether to tidy the database afterwards. */
  readonly vacuum: boolean;
}

/** Keeps what is archived, apart from the store. */
export interface ArchiveShelf {
  /** Writes a text under a new name; resolves when it is safe on its disk. */
  put(name: string, text: string): Promise<void>;
}
