import type { Actor } from "../base/ids.ts";
import type { Lease, LeaseVerdict } from "../leases/index.ts";
import type {
  CancelOutcome,
  ImportOptions,
  ImportResult,
  Plan,
  PlanDraft,
  RetryOutcome,
  Task,
} from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type {
  Caller,
  ClaimFilesOutcome,
  ClaimFilesRequest,
  FinishTaskOutcome,
  FinishTaskRequest,
  NextTaskOutcome,
  NextTaskRequest,
  Recovery,
  ReleaseFilesRequest,
  Standing,
  UpdateTaskOutcome,
  UpdateTaskRequest,
  Why,
} from "./request.ts";
import type { Try, WaitOptionsFor } from "./wait.ts";

/** Gives work to sessions and takes it back: each verb is one transaction. */
export interface Dispatch {
  /** Makes or finds the caller's session and renews it. */
  identify(caller: Caller): Promise<Standing>;
  /** The caller's living session, without making one: null when there is none. */
  find(caller: Caller): Promise<Session | null>;
  nextTask(request: NextTaskRequest): Promise<NextTaskOutcome>;
  updateTask(request: UpdateTaskRequest): Promise<UpdateTaskOutcome>;
  finishTask(request: FinishTaskRequest): Promise<FinishTaskOutcome>;
  claimFiles(request: ClaimFilesRequest): Promise<ClaimFilesOutcome>;
  releaseFiles(request: ReleaseFilesRequest): Promise<ReleaseFilesOutcome>;
  /** What the ledger says of paths (root-relative) for a session; null for a caller without one. */
  check(
    session: Session | null,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, LeaseVerdict>>;
  why(task: string, caller: Caller | null): Promise<Why>;
  /** Tries until an answer is final, the time is up or the signal aborts, in the places of all who wait. @throws {SkeinError} SKN-7802. */
  waitFor<T>(options: WaitOptionsFor<T>, attempt: () => Promise<Try<T>>): Promise<T>;
  /** Ends dead and expired sessions, returns their claims and leases, expires what is over. Anyone may call it at any time. */
  recover(): Promise<Recovery>;
  /** Takes a task from its holder, for a person or a lead above the holder. The reason is recorded. */
  reassign(request: ReassignRequest): Promise<Task>;
  releaseTask(request: OverrideRequest): Promise<Task>;
  /** Ends a lease that is not the caller's, for a person or an ancestor of its holder. */
  forceRelease(request: OverrideRequest): Promise<Lease>;
  revoke(request: OverrideRequest): Promise<Session>;
  /** Takes a plan in, with its budgets. */
  importPlan(draft: PlanDraft, options: ImportOptions): Promise<ImportResult>;
  /** The same as a part of a caller's change. */
  importPlanIn(tx: Transaction, draft: PlanDraft, options: ImportOptions): Promise<ImportResult>;
  /** Cancels a task, and ends the leases and claims that end with it. */
  cancelTask(name: string, act: ControlAct): Promise<CancelOutcome>;
  cancelPlan(plan: string, act: ControlAct): Promise<CancelOutcome>;
  pausePlan(plan: string, act: ControlAct): Promise<Plan>;
  resumePlan(plan: string, act: ControlAct): Promise<Plan>;
  /** Queues a failed or canceled task again. */
  retryTask(name: string, act: ControlAct): Promise<RetryOutcome>;
}

/** Who controls a plan or a task, and why. */
export interface ControlAct {
  readonly actor: Actor;
  readonly reason: string;
}

export interface ReleaseFilesOutcome {
  readonly standing: Standing;
  readonly released: readonly Lease[];
  /** Sessions that wait for what was freed. */
  readonly waiters: number;
}

/** To whom a task is handed: a session by id or name, `best` for the best suited one, or null for whoever asks first. */
export interface ReassignRequest extends OverrideRequest {
  readonly to: string | null;
}

/** An act on something another session holds. */
export interface OverrideRequest {
  /** The task, lease or session meant. */
  readonly target: string;
  /** The session that asks, or null for a person at a terminal. */
  readonly by: Session | null;
  readonly person: string | null;
  readonly reason: string;
}
