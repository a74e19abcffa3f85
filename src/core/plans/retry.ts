import type { FailureCause } from "./task.ts";

/** What becomes of a task after a failed attempt. */
export type RetryDecision =
  | {
      readonly kind: "retry";
      /** How long to wait before it is handed out again; at most 60,000. */
      readonly afterMs: number;
      /** True when another session should try. */
      readonly avoidsSession: boolean;
      /** True when the next attempt is told what went wrong. */
      readonly withFeedback: boolean;
    }
  /** Its retries are used up. */
  | { readonly kind: "dead-letter" }
  /** Trying again cannot help: a person decides. */
  | { readonly kind: "person" };

interface RetryPolicy {
  readonly retries: number;
  readonly firstDelayMs: number;
  /** By what the delay grows from one retry to the next. */
  readonly factor: number;
  readonly avoidsSession?: true;
  readonly withFeedback?: true;
  readonly thenPerson?: true;
}

const policies: Readonly<Record<FailureCause, RetryPolicy>> = {
  network: { retries: 5, firstDelayMs: 1_000, factor: 2 },
  file_locked: { retries: 10, firstDelayMs: 5_000, factor: 1 },
  validation_failed: { retries: 2, firstDelayMs: 0, factor: 1, withFeedback: true },
  agent_error: { retries: 3, firstDelayMs: 0, factor: 1, avoidsSession: true, withFeedback: true },
  git_conflict: { retries: 1, firstDelayMs: 0, factor: 1, withFeedback: true, thenPerson: true },
  session_lost: { retries: 3, firstDelayMs: 0, factor: 1 },
  timeout: { retries: 3, firstDelayMs: 0, factor: 1, avoidsSession: true },
  canceled: { retries: 0, firstDelayMs: 0, factor: 1, thenPerson: true },
  budget: { retries: 0, firstDelayMs: 0, factor: 1, thenPerson: true },
};

const longestDelayMs = 60_000;

/** One failure, and what is known of those before it. */
export interface Failure {
  readonly cause: FailureCause;
  /** Failures of this cause on this task, this one included: 1, 2, 3 … */
  readonly count: number;
  /** A number from 0 up to 1 that spreads the delay by a quarter either way. */
  readonly random01: number;
}

/** Decides by its cause whether a failed attempt is tried again, when, and by whom. */
export function decideRetry({ cause, count, random01 }: Failure): RetryDecision {
  const policy = policies[cause];
  if (count > policy.retries) {
    return { kind: policy.thenPerson === true ? "person" : "dead-letter" };
  }
  const delayMs = policy.firstDelayMs * policy.factor ** (count - 1);
  const jitteredMs = Math.round(delayMs * (0.75 + 0.5 * random01));
  return {
    kind: "retry",
    afterMs: Math.min(jitteredMs, longestDelayMs),
    avoidsSession: policy.avoidsSession === true,
    withFeedback: policy.withFeedback === true,
  };
}

const leastEnded = 7;
const failureShare = 0.15;

/**
 * Decides whether a plan pauses by itself: more than 15 % of its ended attempts failed, of at least 7.
 *
 * Both counts start afresh when the plan is resumed. Attempts that were lost with their session, released, canceled or kept out by a
 * locked file say nothing about the plan and count on neither side.
 */
export function isFailing(counts: { readonly ended: number; readonly failed: number }): boolean {
  return counts.ended >= leastEnded && counts.failed > counts.ended * failureShare;
}
