import type { Actor, SessionId } from "../base/ids.ts";

export type ApprovalState = "open" | "answered" | "expired" | "withdrawn";

/** A question to a person. While one is open, its session and claims do not expire. */
export interface Approval {
  /** `A` and a number. */
  readonly id: string;
  readonly session: SessionId;
  readonly plan: string | null;
  readonly task: string | null;
  readonly question: string;
  /** What may be answered; empty: any text. */
  readonly options: readonly string[];
  readonly askedAtMs: number;
  readonly deadlineMs: number;
  /** The deadline can be put off once. */
  readonly isExtended: boolean;
  readonly state: ApprovalState;
  readonly answer: string | null;
  readonly answeredBy: Actor | null;
  readonly answeredAtMs: number | null;
}

/** The shortest time that a question stays open, and the usual one where it is about no plan: 5 minutes. */
export const shortestDeadlineMs = 300_000;

/** The longest time that a question stays open before its extension: 7 days. */
export const longestDeadlineMs = 604_800_000;

/** What each step of a plan adds to the time of a question about it. */
const stepMs = 30_000;

/** How long a question stays open unless its asker says otherwise (requirement A6), by the steps of the plan that it is about: 30 s each, at least 5 minutes. */
export function usualDeadlineMs(steps: number): number {
  return Math.min(Math.max(steps * stepMs, shortestDeadlineMs), longestDeadlineMs);
}

/** The state of a stored question at a time: at the very millisecond of its deadline it is expired. */
export function stateAt(stored: ApprovalState, deadlineMs: number, nowMs: number): ApprovalState {
  return stored === "open" && deadlineMs <= nowMs ? "expired" : stored;
}

/** The deadline after its one extension: as long again, counted from the old one. */
export function extendedDeadlineMs(approval: Approval): number {
  return approval.deadlineMs + (approval.deadlineMs - approval.askedAtMs);
}

/** Finds the option that an answer means, whatever its letter case; null when there is none. Without options any text is allowed. */
export function matchOption(options: readonly string[], answer: string): string | null {
  if (options.length === 0) {
    return answer === "" ? null : answer;
  }
  const lower = answer.toLowerCase();
  return (
    options.find((option) => option === answer) ??
    options.find((option) => option.toLowerCase() === lower) ??
    null
  );
}
