import { SkeinError } from "../../core/base/errors.ts";
import type { ErrorKind } from "../../core/base/errors.ts";
import type { DeliveryEnd } from "../../core/hosting/index.ts";
import { botErrors } from "../errors.ts";

/** How often work on one delivery is tried. */
export const maxAttempts = 5;

const firstWaitMs = 5_000;
const longestWaitMs = 15 * 60_000;

export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** True when the worker was told to stop: the attempt does not count. */
  readonly isStopped: boolean;
}

/**
 * Decides what becomes of a delivery after a failure. Waiting helps against an outage or a limit; what people have to mend is given up at
 * once and comes back when the host delivers it again; a bug is tried a few times, since it may be another program's.
 */
export function endOf(error: unknown, { attempt, isStopped }: FailedAttempt): DeliveryEnd {
  if (isStopped) {
    return { kind: "again", afterMs: 0, note: "stopped", isCounted: false };
  }
  const own = error instanceof SkeinError ? error : null;
  const note = own?.code ?? botErrors.bug.code;
  if (attempt >= maxAttempts || (own !== null && !isPassing(own))) {
    return { kind: "dead", note };
  }
  const usualMs = firstWaitMs * 4 ** (attempt - 1);
  const afterMs = Math.min(longestWaitMs, Math.max(usualMs, own?.retryAfterMs ?? 0));
  return { kind: "again", afterMs, note, isCounted: true };
}

/** True for a failure that may end by itself. */
export function isPassing({ kind }: SkeinError): boolean {
  return passing.has(kind);
}

/** Kinds of failure that end by themselves. */
const passing: ReadonlySet<ErrorKind> = new Set(["unavailable", "timeout"]);
