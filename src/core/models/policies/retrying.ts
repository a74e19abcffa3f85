import type { Random } from "../../base/clock.ts";
import type { Timer } from "../../base/timer.ts";
import type { GenerateRequest } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { ModelFault } from "../model-error.ts";
import { abortedError } from "./aborting.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";

export interface RetryingDeps {
  readonly timer: Timer;
  readonly random: Random;
  readonly onEvent: OnModelEvent;
}

/** No pause is longer than this, in milliseconds. */
const longestPauseMs = 60_000;

/**
 * How often a fault is tried again (requirement E9). What a repetition cannot mend is never tried again: a wrong key, a bad request, an
 * empty budget, a failed redactor, an open breaker, a caller who gave up. Nor is a rate limit of our own that may not be waited for.
 */
export const retriesOf: Readonly<Record<ModelFault, number>> = {
  network: 5,
  rate_limited: 5,
  overloaded: 3,
  timeout: 3,
  bad_reply: 2,
  auth: 0,
  bad_request: 0,
  redaction: 0,
  budget: 0,
  open: 0,
  aborted: 0,
};

/**
 * Tries again by cause, after 1, 2, 4, 8 and 16 s, give or take a quarter so that seats do not return in step. A provider that names a time
 * (`retry-after`) is given at least that; when it names more than 60 s, the call fails at once.
 */
export function retrying({ timer, random, onEvent }: RetryingDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await next.generate({ ...request, attempt });
        } catch (error) {
          const delayMs =
            error instanceof ModelError ? pauseBefore(error, { attempt, random }) : null;
          if (!(error instanceof ModelError) || delayMs === null) {
            throw error;
          }
          const { fault } = error;
          onEvent({ kind: "retrying", request, attempt: attempt + 1, delayMs, fault });
          await pause(timer, delayMs, request.signal);
        }
      }
    },
  });
}

interface Tried {
  /** From 1. */
  readonly attempt: number;
  readonly random: Random;
}

/** How long to wait before the next try, in milliseconds; null: it is the last. */
export function pauseBefore(error: ModelError, { attempt, random }: Tried): number | null {
  const isFull = error.fault === "rate_limited" && !error.wasSent;
  if (attempt > retriesOf[error.fault] || isFull) {
    return null;
  }
  const toldMs = error.retryAfterMs ?? 0;
  if (toldMs > longestPauseMs) {
    return null;
  }
  const spread = 0.75 + 0.5 * fraction(random);
  const ownMs = Math.round(1_000 * 2 ** (attempt - 1) * spread);
  const namedMs = Math.round(toldMs * (1 + 0.25 * fraction(random)));
  const isEnough = error.fault === "rate_limited" && toldMs > 0;
  return Math.min(isEnough ? namedMs : Math.max(ownMs, namedMs), longestPauseMs);
}

/** From 0 to below 1. */
function fraction(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
}

async function pause(timer: Timer, delayMs: number, signal: AbortSignal): Promise<void> {
  await timer.sleep(delayMs, signal);
  if (signal.aborted) {
    throw abortedError(signal);
  }
}
