import type { Actor, MicroUsd, SessionId } from "../base/ids.ts";
import type { EntityChange } from "../events/index.ts";
import type { Reader } from "../store/index.ts";
import type { PlanStatus, Priority, Verify } from "./plan.ts";
import type { RetryDecision } from "./retry.ts";
import type { FailureCause, Task, TaskStatus } from "./task.ts";

/** Names one task of the project; a `Task` is one, too. */
export interface TaskKey {
  readonly plan: string;
  readonly id: string;
}

/** Who does it, and because of which event. */
export interface By {
  readonly actor: Actor;
  /** The sequence number of the event that led here. Default null. */
  readonly cause?: number | null | undefined;
}

/** Options of an import. */
export interface ImportOptions extends By {
  /** True to be told what would happen, without a write. Default false. */
  readonly isDryRun?: boolean | undefined;
  /** Looks, in the import's own transaction, whether this caller may change the plan; throws when not. Default: everybody may. */
  readonly permit?: ((reader: Reader) => Promise<void>) | undefined;
}

/** Two tasks that may run at the same time and whose scopes overlap: they will be handed out one after the other. */
export interface ScopeOverlap {
  readonly tasks: readonly [string, string];
  readonly files: readonly [string, string];
}

/** What an import changed, by task id, each list in file order. */
export interface ImportResult {
  readonly plan: string;
  readonly isNewPlan: boolean;
  /** True when the plan's own title, verify or budget changed. */
  readonly isPlanChanged: boolean;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Left out of the new file, and canceled for that. */
  readonly canceled: readonly string[];
  /** Left out of the new file, but claimed, submitted or done: they stay as they are. */
  readonly kept: readonly string[];
  /** Changed in the file, but claimed, submitted or done: the change waits for the next import after that. */
  readonly deferred: readonly string[];
  /** At most 20. */
  readonly overlaps: readonly ScopeOverlap[];
  /** False when there were too many pairs to look at all. */
  readonly isOverlapComplete: boolean;
}

/** Where a page of candidates begins: after this one. */
export interface CandidateCursor {
  readonly scoreTenths: number;
  readonly age: number;
}

/** Which ready tasks to read: those of active plans, without unmet dependencies, whose time has come. */
export interface CandidatePage {
  /** Only this plan's, or null for all. */
  readonly plan: string | null;
  /** The last candidate of the page before, or null for the first page. */
  readonly after: CandidateCursor | null;
  readonly limit: number;
  /** Plans that are left out where all are read. Default: none. */
  readonly without?: readonly string[] | undefined;
}

/** What the pick needs to know of a ready task. */
export interface Candidate extends TaskKey, CandidateCursor {
  readonly title: string;
  readonly files: readonly string[];
  readonly skills: readonly string[];
  readonly priority: Priority;
  readonly minutes: number;
  readonly budgetMicroUsd: MicroUsd | null;
  readonly attempts: number;
  readonly avoidSession: SessionId | null;
  readonly assignedTo: SessionId | null;
  readonly version: number;
}

export interface ClaimTask {
  /** As just read in the same transaction: a `Candidate` or a `Task`. */
  readonly task: TaskKey & { readonly version: number; readonly attempts: number };
  readonly session: SessionId;
  /** The number of the event that grants it. */
  readonly fence: number;
  readonly gitDir: string | null;
  readonly branch: string | null;
}

/** A task just claimed, and the change for the event that grants the claim. */
export interface ClaimedTask {
  readonly task: Task;
  readonly change: EntityChange;
}

/** A write under a claim: refused with SKN-4401 unless session and fence are the task's current ones. */
export interface UnderClaim extends By {
  readonly task: TaskKey;
  readonly session: SessionId;
  readonly fence: number;
}

export interface ProgressTask extends UnderClaim {
  /** 0 to 100; null leaves it. */
  readonly percent: number | null;
  /** Null leaves it. */
  readonly note: string | null;
}

export interface SubmitTask extends UnderClaim {
  readonly summary: string;
  readonly commit: string | null;
  /** Null leaves the branch stamped at the claim. */
  readonly branch: string | null;
}

export interface FailTask extends UnderClaim {
  readonly failure: FailureCause;
  readonly summary: string;
  /** False: it is not tried again by itself, whatever its cause. Default: true. */
  readonly mayRetry?: boolean | undefined;
}

/** A claim that ended because of something else than its session's own word. */
export interface EndedClaim extends TaskKey {
  readonly session: SessionId;
  readonly fence: number;
  /** The event that ended it. */
  readonly cause: number;
}

/** What a failure led to. */
export interface FailOutcome {
  readonly task: Task;
  readonly decision: RetryDecision;
  /** When it is handed out again, or null when it is not. */
  readonly retryAtMs: number | null;
  /** Ids of queued tasks of the plan that are blocked now. */
  readonly blocked: readonly string[];
  /** Running dependents that were canceled: their leases are to be ended. */
  readonly canceled: readonly EndedClaim[];
  /** True when this failure paused the plan. */
  readonly isPlanPaused: boolean;
}

/** What completing a task led to. */
export interface DoneOutcome {
  readonly task: Task;
  /** Ids of tasks of the plan that wait for nothing more. */
  readonly unblocked: readonly string[];
  /** Ids of containers that are done with it. */
  readonly completed: readonly string[];
}

/** What canceling a task or a plan led to. */
export interface CancelOutcome {
  readonly canceled: readonly string[];
  readonly blocked: readonly string[];
  /** Claims and submissions that ended with it: their leases are to be ended. */
  readonly ended: readonly EndedClaim[];
}

/** What a manual retry led to. */
export interface RetryOutcome {
  readonly task: Task;
  /** Ids of tasks that were blocked or canceled because of it and are queued again. */
  readonly revived: readonly string[];
}

/** Tasks that came to an end on one day. */
export interface TaskEnds {
  /** As 2026-11-20, in UTC. */
  readonly day: string;
  /** False: it failed, or is blocked by one that did. */
  readonly isDone: boolean;
  readonly count: number;
}

/** Which tasks to list, in the order of the plans' files. */
export interface TaskFilter {
  readonly plan?: string | undefined;
  readonly status?: TaskStatus | undefined;
  /** Only tasks of this session. */
  readonly session?: SessionId | undefined;
  /** Default 1,000. */
  readonly limit?: number | undefined;
}

/** Tasks by state, containers not counted. */
export interface TaskCounts {
  /** Pending, and waiting for nothing but paths and a session. */
  readonly ready: number;
  /** Pending, with unmet dependencies, in a plan that is not active, or before their time. */
  readonly waiting: number;
  readonly claimed: number;
  readonly submitted: number;
  readonly done: number;
  readonly failed: number;
  readonly blocked: number;
  readonly canceled: number;
}

/** Tasks that wait for nothing but their time. */
export interface Delayed {
  readonly count: number;
  /** The earliest time at which one of them may start, or null when there is none. */
  readonly nextMs: number | null;
}

/** A task whose work was handed in and is not done yet. */
export interface SubmittedTask extends TaskKey {
  /** Its work is on the integration branch: somebody has to accept it. */
  readonly isLanded: boolean;
}

/** Submitted tasks, those that wait longest first, as many as were asked for; and how many of all have landed. */
export interface SubmittedWork {
  readonly tasks: readonly SubmittedTask[];
  readonly landedCount: number;
}

/** One reason why a task is not handed out, as far as plans know. */
export type Obstacle =
  | {
      readonly kind: "dependency";
      readonly task: string;
      readonly status: TaskStatus;
      /** Its work is on the integration branch. */
      readonly isLanded: boolean;
    }
  | { readonly kind: "time"; readonly untilMs: number; readonly isRetry: boolean }
  | { readonly kind: "container" }
  | { readonly kind: "plan"; readonly status: PlanStatus; readonly reason: string | null }
  | { readonly kind: "held"; readonly session: SessionId; readonly sinceMs: number }
  | { readonly kind: "assigned"; readonly session: SessionId }
  | {
      readonly kind: "state";
      readonly status: TaskStatus;
      readonly reason: string | null;
      readonly isDeadLetter: boolean;
      readonly isLanded: boolean;
    };

/** A change of a plan's own fields; what is absent stays. */
export interface PlanEdit {
  readonly title?: string | undefined;
  readonly verify?: Verify | undefined;
  readonly budgetMicroUsd?: MicroUsd | null | undefined;
}
