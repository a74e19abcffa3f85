import type { LeaseMode, PathPattern } from "../../leases/index.ts";

/** Who holds what, as rules see it. */
export interface Ledger {
  /** `published`: what somebody wrote to `refs/skein/ledger`, as old as it says and no more than advice. `live`: the store itself. */
  readonly source: "live" | "published";
  /** One for each clone that coordinates sessions. Names of sessions and numbers of fences mean something inside of one only. */
  readonly publications: readonly Publication[];
  /** Why it is not a better one, as where a server is away. Default: nothing is to be said. */
  readonly note?: string | undefined;
}

/** What one clone's store said at one time. */
export interface Publication {
  /** A random name of the clone; tells publications apart and is no secret. */
  readonly publisher: string;
  /** `owner/name`, or null where the clone does not know it. */
  readonly repository: string | null;
  readonly publishedAtMs: number;
  /** The number of the newest event that it knows. A greater fence was granted later. */
  readonly headSeq: number;
  /** How the clone compares paths. */
  readonly caseInsensitive: boolean;
  readonly leases: readonly LedgerLease[];
  readonly tasks: readonly LedgerTask[];
  /** What did not fit in. */
  readonly omitted: number;
}

/** A live lease. */
export interface LedgerLease {
  readonly id: string;
  readonly session: string;
  /** The session's name: a label that it gave itself. */
  readonly name: string;
  /** Sessions for whom it works, the nearest first. */
  readonly ancestors: readonly string[];
  /** `PLAN/TASK`, or null. */
  readonly task: string | null;
  readonly patterns: readonly PathPattern[];
  readonly mode: LeaseMode;
  readonly fence: number;
  /** Null: until integration, or while the holder waits for a person. */
  readonly untilMs: number | null;
  /** True from a task's submission to its integration. */
  readonly isLanding: boolean;
  readonly branch: string | null;
  /** The holder's words. */
  readonly reason: string;
}

/** A task that was begun at some time, with what its commits may carry and touch. */
export interface LedgerTask {
  /** `PLAN/TASK`. */
  readonly task: string;
  readonly state: string;
  /** Of the claim that stands, or that was submitted; null when there is none. */
  readonly fence: number | null;
  readonly session: string | null;
  readonly ancestors: readonly string[];
  /** Fences of attempts that were submitted: their commits stay good. */
  readonly accepted: readonly number[];
  /** What it may touch; null: everything. */
  readonly scope: readonly PathPattern[] | null;
}

/** The file in the commit at `refs/skein/ledger`. */
export const ledgerFile = "ledger.json";
export const ledgerRef = "refs/skein/ledger";

/** The most bytes of the file; a larger one is not read. */
export const maxLedgerBytes = 1_048_576;
