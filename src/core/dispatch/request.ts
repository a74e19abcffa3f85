import type { SessionId } from "../base/ids.ts";
import type { Principal } from "../access/index.ts";
import type { Usage } from "../costs/index.ts";
import type { Lease, LeaseMode, Refusal } from "../leases/index.ts";
import type { Message } from "../messages/index.ts";
import type { FailureCause, Task } from "../plans/index.ts";
import type { ProcessStamp, Session } from "../sessions/index.ts";
import type { Reader } from "../store/index.ts";

/**
 * Who calls, as far as the face can tell. The first that is given decides: the handle, then the host's id, then the process; when none
 * names a living session, the caller joins with the particulars below.
 */
export interface Caller {
  /** The handle that Skein minted, or null. A handle that names no living session is an error, never a silent new session. */
  readonly handle: string | null;
  /** The id by which the host knows the agent (`claude:UUID`, `codex:UUID:AGENT`), or null. */
  readonly externalId: string | null;
  /** The external id of the parent agent, for a subagent, or null. */
  readonly parentExternalId: string | null;
  readonly process: ProcessStamp | null;
  readonly client: string | null;
  readonly gitDir: string | null;
  readonly branch: string | null;
  readonly name: string | null;
  readonly role: string | null;
  readonly skills: readonly string[] | null;
  /** False for a caller that lives for one call and shows its handle to nobody: none is minted for a session that is known. Default true. */
  readonly needsHandle?: boolean | undefined;
  /** True where this very call was counted against its session's rate before. Default false. */
  readonly isCounted?: boolean | undefined;
  /** Who proved to be somebody to a server: sessions of others are not theirs. Default null: a process that reaches the store itself. */
  readonly principal?: Pick<Principal, "id" | "kind" | "role"> | null | undefined;
  /**
   * Is asked in each look and transaction of a call that waits, and rejects where what proved who the caller is counts no more. Default: it always does.
   * It asks the store alone.
   */
  readonly ensureAdmitted?: ((reader: Reader) => Promise<void>) | undefined;
  /**
   * Is asked when the transaction has begun and since when it holds the lock (`Transaction.lockedAtMs`), and rejects where whoever called has given this process up: it may have made the call elsewhere, and
   * so many others since that its key is forgotten. Default: nobody gives up.
   */
  readonly ensureWanted?: ((lockedAtMs: number) => Promise<void>) | undefined;
}

/** A caller of whom nothing is known. */
export const nobody = {
  handle: null,
  externalId: null,
  parentExternalId: null,
  process: null,
  client: null,
  gitDir: null,
  branch: null,
  name: null,
  role: null,
  skills: null,
} as const satisfies Caller;

/** The caller's session after a call, with a handle that a later call may give. */
export interface Standing {
  readonly session: Session;
  /** Empty where none was needed. */
  readonly handle: string;
  /** True when this call made the session. */
  readonly joined: boolean;
}

export interface NextTaskRequest {
  readonly caller: Caller;
  readonly plan: string | null;
  /** A named task, `T1` or `PLAN/T1`; null for the best ready one. */
  readonly task: string | null;
  /** How long to wait for a task to become ready, at most 45 000 ms. 0 does not wait. */
  readonly waitMs: number;
  readonly key: string | null;
  readonly signal: AbortSignal | null;
}

/** A claim: one task, its leases, its fence and its reservation, taken in one transaction. */
export interface Claim {
  readonly task: Task;
  readonly fence: number;
  readonly leases: readonly Lease[];
  readonly expiresAtMs: number | null;
  /** True when the session held this claim already. */
  readonly isHeld: boolean;
  /** Results of the tasks it depends on: untrusted data. */
  readonly results: readonly DependencyResult[];
  /** Commits that the worktree's HEAD must contain before work begins. */
  readonly baseCommits: readonly string[];
  /** Feedback of the attempt before, or null. */
  readonly feedback: string | null;
  /** One sentence for each budget that the claim's reservation has nearly used up; a claim that was held already brings none. */
  readonly warnings: readonly string[];
}

export interface DependencyResult {
  readonly task: string;
  readonly title: string;
  readonly summary: string | null;
  readonly commit: string | null;
}

export interface NextTaskOutcome {
  readonly standing: Standing;
  readonly claim: Claim | null;
  readonly inbox: readonly Message[];
  /** Why there was nothing, when there was nothing: counts of tasks by what they wait for. */
  readonly waiting: WaitingSummary | null;
  /** The store's time of this answer. */
  readonly nowMs: number;
}

/** What somebody has to do for work that agents have done as far as they can. */
export interface Awaited {
  /** Submitted tasks that are to be integrated. */
  readonly toIntegrate: number;
  /** Integrated ones that a lead, a manager or a person has to accept. */
  readonly toAccept: number;
  /** Claimed tasks whose sessions wait for a person's answer. */
  readonly toAnswer: number;
  /** Tasks that failed for good, until a person has them tried again. */
  readonly toRetry: number;
}

export interface WaitingSummary {
  /** Ready, and not given because their plan has as many tasks in work as it may have, or not compared yet; for a named task, all that are ready. */
  readonly ready: number;
  readonly onDependencies: number;
  /** Pending in a plan that is paused, whatever else they wait for. */
  readonly onPause: number;
  /** Their paths are held, or there is no money for them. */
  readonly onPaths: number;
  /** Left to other sessions. */
  readonly onOthers: number;
  readonly onTime: number;
  readonly claimed: number;
  readonly submitted: number;
  readonly done: number;
  readonly ended: number;
  readonly awaited: Awaited;
  /** Up to 5 sentences, each why one task is not given. */
  readonly reasons: readonly string[];
  /** The earliest time at which something may change by itself, or null. */
  readonly retryAtMs: number | null;
  /** How many of the ready ones were not compared yet with all that is held: whoever asks again goes on there. */
  readonly uncompared: number;
  /** True when whoever holds no path and asks for the same would get nothing either, as long as the log and the time stand still. */
  readonly isForAll: boolean;
}

export interface UpdateTaskRequest {
  readonly caller: Caller;
  readonly task: string;
  readonly fence: number;
  readonly note: string | null;
  readonly percent: number | null;
  readonly addPaths: readonly string[];
  readonly usage: readonly Usage[];
  readonly key: string | null;
}

export interface UpdateTaskOutcome {
  readonly standing: Standing;
  readonly task: Task;
  readonly fence: number;
  readonly expiresAtMs: number | null;
  readonly leases: readonly Lease[];
  /** Paths asked for with `addPaths` that another session holds: none was added then. */
  readonly refused: readonly Refusal[];
  readonly unread: number;
}

export interface FinishTaskRequest {
  readonly caller: Caller;
  readonly task: string;
  readonly fence: number;
  readonly outcome: "submitted" | "failed" | "released";
  readonly summary: string;
  readonly cause: FailureCause | null;
  readonly commit: string | null;
  /** The commit of the caller's worktree, which is taken where none is named; no part of what a repeated call has to say again. */
  readonly head?: string | null | undefined;
  readonly usage: readonly Usage[];
  readonly claimNext: boolean;
  readonly key: string | null;
}

export interface FinishTaskOutcome {
  readonly standing: Standing;
  readonly task: Task;
  /** Leases that stay as landing leases until the commit is integrated. */
  readonly landing: readonly Lease[];
  /** When a failed task is tried again, or null. */
  readonly retryAtMs: number | null;
  /** Tasks that can start now because of this one. */
  readonly unblocked: readonly string[];
  readonly next: NextTaskOutcome | null;
}

export interface ClaimFilesRequest {
  readonly caller: Caller;
  readonly paths: readonly string[];
  readonly mode: LeaseMode;
  /** How long the lease lasts after the session's last call, 60 000 to 28 800 000. Default 1 800 000. */
  readonly durationMs: number | null;
  readonly reason: string;
  readonly waitMs: number;
  /** `files` for the tool, `edit` for the edit hook. */
  readonly origin: "files" | "edit";
  readonly key: string | null;
  readonly signal: AbortSignal | null;
}

export interface ClaimFilesOutcome {
  readonly standing: Standing;
  readonly granted: boolean;
  readonly leases: readonly Lease[];
  readonly refused: readonly Refusal[];
  /** Earlier waiters for these paths; null when the request does not stand in the queue. */
  readonly ahead: number | null;
}

export interface ReleaseFilesRequest {
  readonly caller: Caller;
  /** Lease ids (`L12`) or paths; empty: all leases of the session that belong to no claim. */
  readonly leases: readonly string[];
  readonly key: string | null;
}

/** Why a task is not given, or that it would be. */
export interface Why {
  readonly task: Task;
  readonly isReady: boolean;
  /** The score of E7 in tenths, as the pick uses it. */
  readonly score: number;
  readonly reasons: readonly WhyReason[];
}

export interface WhyReason {
  readonly code:
    | "dependency"
    | "paths"
    | "time"
    | "container"
    | "plan_paused"
    | "plan_canceled"
    | "held"
    | "state"
    | "budget"
    | "parallel"
    | "skills"
    | "dead_letter"
    | "affinity";
  /** One sentence with names and times. */
  readonly text: string;
  /** The call or command that would change it, or null. */
  readonly next: string | null;
}

/** What recovery brought back. */
export interface Recovery {
  readonly ended: readonly SessionId[];
  readonly returnedTasks: readonly string[];
  readonly releasedLeases: readonly string[];
}
