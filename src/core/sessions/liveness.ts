import type { OverReason } from "./requests.ts";
import type { ProcessStamp, Session, SessionState } from "./session.ts";

/** A claim lasts this long from its session's last renewal: 30 minutes. */
export const silenceMs = 1_800_000;

/** The longest that a tool call keeps its session alive without a renewal: 2 hours. */
export const longestCallMs = 7_200_000;

/** Without a renewal for this long a session is stale: 15 minutes. */
export const staleMs = 900_000;

/** Renewals are written down at most this often, so a session that called within twice this time counts as busy. */
export const renewalMs = 60_000;

/** Facts from outside of the session's row that its end is told from. */
export interface LivenessFacts {
  readonly nowMs: number;
  /** This very process, for its host and boot; null when they do not matter. */
  readonly self: ProcessStamp | null;
  /** What the probe says of the session's process: false when it is surely gone, null when it cannot be told. */
  readonly isAlive: boolean | null;
}

/** When a session is over unless it renews; null while it is parked on a person. */
export function silentAtMs(session: Session): number | null {
  return session.isParked
    ? null
    : Math.max(session.renewedAtMs + silenceMs, session.callUntilMs ?? 0);
}

/**
 * Decides whether a living session is over, and why; null while it is not.
 *
 * Process liveness only shortens: a process that is known to live keeps nothing alive, one that is known to be gone ends its session at
 * once, parked or not, since nobody is left to hear the answer.
 */
export function decideExpiry(session: Session, facts: LivenessFacts): OverReason | null {
  if (session.endedAtMs !== null) {
    return null;
  }
  if (isOfAnotherBoot(session.process, facts.self)) {
    return "boot";
  }
  if (facts.isAlive === false) {
    return "process";
  }
  const endMs = silentAtMs(session);
  return endMs !== null && endMs <= facts.nowMs ? "silence" : null;
}

function isOfAnotherBoot(stamp: ProcessStamp | null, self: ProcessStamp | null): boolean {
  return (
    stamp !== null && self !== null && stamp.host === self.host && stamp.bootId !== self.bootId
  );
}

/** Tells what a session does. `holdsWork`: it has an unfinished claim. */
export function deriveState(
  session: Session,
  facts: LivenessFacts & { readonly holdsWork: boolean },
): SessionState {
  if (session.endedAtMs !== null || decideExpiry(session, facts) !== null) {
    return "dead";
  }
  if (session.isParked) {
    return "waiting";
  }
  const isInCall = session.callUntilMs !== null && session.callUntilMs > facts.nowMs;
  if (!isInCall && session.renewedAtMs + staleMs <= facts.nowMs) {
    return "stale";
  }
  return isInCall || facts.holdsWork ? "busy" : "idle";
}

/** True when a session is expected to look again by itself soon. */
export function looksSoon(session: Session, nowMs: number): boolean {
  const isInCall = session.callUntilMs !== null && session.callUntilMs > nowMs;
  return isInCall || session.renewedAtMs + 2 * renewalMs > nowMs;
}
