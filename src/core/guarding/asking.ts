import type { Caller, Dispatch } from "../dispatch/index.ts";
import type { Events } from "../events/index.ts";
import type { Leases } from "../leases/index.ts";
import type { Plans } from "../plans/index.ts";
import type { Session, Sessions, Tier } from "../sessions/index.ts";
import type { Store } from "../store/index.ts";

/** What the ledger says of a commit or a push; asked here, or at a server by whoever has the worktree. */
export interface Guarding {
  /** Who acts; null for a person. @throws {SkeinError} SKN-33xx for a handle that names nobody living. */
  who(): Promise<GuardedSession | null>;
  /** Sorts paths (from the root) by what the ledger says of them for whoever acts. */
  check(paths: readonly string[]): Promise<GuardedPaths>;
  /** The commits that the session's work builds on, each with the task it belongs to. */
  needed(): Promise<readonly NeededCommit[]>;
  /** Leases paths for the session; gives what somebody else took meanwhile. */
  lease(paths: readonly string[]): Promise<readonly ForeignPath[]>;
  /** The claims of the session, as commit messages name them. */
  claims(): Promise<readonly ClaimOfSession[]>;
  /** What the ledger says of the claims that commits name. */
  judge(marks: readonly ClaimOfSession[]): Promise<readonly JudgedClaim[]>;
  /** Notes that a person went on against an objection. */
  override(
    person: string,
    objection: { readonly code: string; readonly what: string },
  ): Promise<void>;
}

/** A session as the guard knows it. */
export interface GuardedSession {
  readonly id: Session["id"];
  readonly tier: Tier;
  readonly joinedAtMs: number;
}

export interface GuardedPaths {
  readonly foreign: readonly ForeignPath[];
  readonly free: readonly string[];
}

/** A path that another session holds. */
export interface ForeignPath {
  readonly path: string;
  /** Who holds it, and until when, in words. */
  readonly text: string;
}

export interface NeededCommit {
  readonly commit: string;
  /** `PLAN/T1`. */
  readonly task: string;
}

export interface ClaimOfSession {
  /** `PLAN/T1`. */
  readonly task: string;
  readonly fence: number;
}

/**
 * A claim that a commit names: `good` for the session that holds it now, `over` when it ended without work, `submitted` when it is proven by
 * one of these commits, `unknown` when it says nothing.
 */
export type JudgedClaim =
  | { readonly standing: "good" | "over" | "unknown" }
  | { readonly standing: "submitted"; readonly commits: readonly string[] };

/** Who acts, as far as the machine with the worktree can tell. */
export interface GuardSubject {
  readonly handle: string | null;
  readonly externalId: string | null;
  readonly gitDir: string | null;
  readonly branch: string | null;
  /** The machine of the worktree, where its name alone does not tell: in a database the same path may be another one. Null: it does. */
  readonly host: string | null;
  /** True when nobody but a person can be meant: then a claim stamped with the worktree makes nobody an agent. */
  readonly isPerson: boolean;
  /** Who proved to be somebody to a server; sessions of others are not theirs. Default null: whoever reaches the store itself. */
  readonly principal?: Caller["principal"];
}

export interface GuardingDeps {
  readonly dispatch: Dispatch;
  readonly events: Events;
  readonly leases: Leases;
  readonly plans: Plans;
  readonly sessions: Sessions;
  readonly store: Store;
}
