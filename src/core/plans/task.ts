import type { MicroUsd, SessionId } from "../base/ids.ts";
import type { Priority, Verify } from "./plan.ts";

/** Stored states. *Ready* is derived: pending, no unmet dependency, not a container, plan active, its time has come, its paths free. */
export type TaskStatus =
  | "pending"
  | "claimed"
  | "submitted"
  | "done"
  | "failed"
  | "blocked"
  | "canceled";

/** Why an attempt failed; each has its own retry policy (E9). */
export type FailureCause =
  | "network"
  | "file_locked"
  | "validation_failed"
  | "agent_error"
  | "git_conflict"
  | "session_lost"
  | "timeout"
  | "canceled"
  | "budget";

/** How an attempt ended. */
export type AttemptOutcome = "submitted" | "failed" | "released" | "lost" | "canceled";

/** One try at a task by one session. */
export interface Attempt {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly session: SessionId;
  readonly fence: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: AttemptOutcome | null;
  readonly cause: FailureCause | null;
  readonly summary: string | null;
  readonly commit: string | null;
  readonly spentMicroUsd: MicroUsd;
}

/** An attempt with its task. */
export interface TaskAttempt extends Attempt {
  readonly plan: string;
  readonly task: string;
}

/** A node of a plan. */
export interface Task {
  readonly plan: string;
  readonly id: string;
  readonly title: string;
  readonly spec: string;
  readonly files: readonly string[];
  readonly dependsOn: readonly string[];
  readonly priority: Priority;
  readonly minutes: number;
  readonly skills: readonly string[];
  readonly accept: readonly string[];
  readonly parent: string | null;
  /** Groups other tasks and is never handed out; done when each child is done or canceled and one is done. */
  readonly isContainer: boolean;
  readonly verify: Verify;
  readonly status: TaskStatus;
  /** Dependencies that are not done yet, those of the containers around it included; for a container, children that have not ended. */
  readonly unmet: number;
  /** Tasks that wait for this one. */
  readonly dependents: number;
  readonly notBeforeMs: number | null;
  readonly budgetMicroUsd: MicroUsd | null;
  readonly spentMicroUsd: MicroUsd;
  /** Attempts begun so far. */
  readonly attempts: number;
  /** The holder, while claimed; whoever submitted it, afterwards. */
  readonly session: SessionId | null;
  readonly fence: number | null;
  readonly claimedAtMs: number | null;
  /** The git directory stamped at the claim, or null. */
  readonly gitDir: string | null;
  readonly branch: string | null;
  readonly percent: number | null;
  /** The latest progress note: untrusted data. */
  readonly note: string | null;
  readonly summary: string | null;
  /** The submitted commit. */
  readonly commit: string | null;
  /** Where it stands on the integration branch, once it does. */
  readonly integratedCommit: string | null;
  /** Why it failed or is blocked or canceled, in one sentence. */
  readonly reason: string | null;
  readonly cause: FailureCause | null;
  /** True when its retries are used up: it waits for a person (`skein task retry`). */
  readonly isDeadLetter: boolean;
  /** Feedback of the last failed attempt, for the next one. */
  readonly feedback: string | null;
  /** The session whose attempt failed and which should not get it again while there are others, or null. */
  readonly avoidSession: SessionId | null;
  /** The only session it is meant for after a reassignment, or null for any. */
  readonly assignedTo: SessionId | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly version: number;
}

/** `PLAN/TASK`, the name of a task in the whole project. */
export type TaskRef = `${string}/${string}`;
