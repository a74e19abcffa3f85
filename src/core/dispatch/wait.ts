import { SkeinError } from "../base/errors.ts";
import type { Timer } from "../base/timer.ts";
import { dispatchErrors } from "./errors.ts";
import { isGone } from "./places.ts";
import type { Places } from "./places.ts";

/** The longest a call waits, so that hosts do not give up on it: 45 seconds. */
export const longestWaitMs = 45_000;

/** Without a ring the log is looked at again after this time: a doorbell may be lost. */
const backstopMs = 1_000;

export interface WaitDeps {
  readonly timer: Timer;
  readonly watch: (onChange: () => void) => () => void;
  /** Where calls that may wait try. Default: they try whenever they like. */
  readonly places?: Places | undefined;
}

/** So long a call waits for its first try at least, in milliseconds: it has nothing to answer before. */
const firstTryMs = 30_000;

/** When to come back for whoever did not get to try, in milliseconds. */
const crowdedAgainMs = 5_000;

/** One try: an answer that ends the wait, or the answer to give if time runs out. */
export interface Try<T> {
  readonly isFinal: boolean;
  readonly value: T;
  /** The store's milliseconds until something may change by itself, or null. */
  readonly againInMs: number | null;
}

export interface WaitOptions {
  /** 0 tries once. Capped at 45 000. */
  readonly waitMs: number;
  readonly signal: AbortSignal | null;
}

/** With what there is to say where nothing could be tried. */
export interface WaitOptionsFor<T> extends WaitOptions {
  /** For whoever has done something already, and must not be told to do it again. Default: none, and SKN-7802. */
  readonly untried?: { readonly value: T } | undefined;
}

/**
 * Tries until an answer is final, the time is up or the signal aborts; wakes with the doorbell.
 *
 * @throws {SkeinError} SKN-7802 when so many wait that it could not try once, and there is nothing else to say.
 */
export async function tryUntil<T>(
  deps: WaitDeps,
  options: WaitOptionsFor<T>,
  attempt: () => Promise<Try<T>>,
): Promise<T> {
  if (options.waitMs <= 0) {
    return (await attempt()).value;
  }
  const waitMs = Math.min(options.waitMs, longestWaitMs);
  const until = { ...options, deadlineMs: deps.timer.nowMs() + waitMs };
  const patienceMs = Math.max(waitMs, firstTryMs);
  const first = await inPlace(deps, { ...options, waitMs: patienceMs }, attempt);
  if (first === null && options.untried !== undefined) {
    return options.untried.value;
  }
  if (first === null) {
    throw new SkeinError(dispatchErrors.crowded, { retryAfterMs: crowdedAgainMs });
  }
  return first.isFinal ? first.value : keepTrying(deps, until, { attempt, last: first });
}

/** One try where there is room for it; null when there was none in time. */
async function inPlace<T>(
  { places }: WaitDeps,
  patience: WaitOptions,
  attempt: () => Promise<Try<T>>,
): Promise<Try<T> | null> {
  if (places === undefined) {
    return attempt();
  }
  return (await places.run(patience, attempt))?.value ?? null;
}

interface KeepTrying<T> {
  readonly attempt: () => Promise<Try<T>>;
  readonly last: Try<T>;
}

async function keepTrying<T>(
  deps: WaitDeps,
  { deadlineMs, signal }: WaitOptions & { readonly deadlineMs: number },
  { attempt, last }: KeepTrying<T>,
): Promise<T> {
  const { timer } = deps;
  const bell = openBell(deps, signal);
  try {
    let latest = last;
    while (!latest.isFinal) {
      const leftMs = deadlineMs - timer.nowMs();
      if (leftMs <= 0 || isGone(signal)) {
        break;
      }
      await bell.next(Math.min(leftMs, backstopMs, latest.againInMs ?? backstopMs));
      if (isGone(signal)) {
        // What a try gave now, nobody would hear of: a task would lie there until its session is given up.
        break;
      }
      const waitMs = Math.max(0, deadlineMs - timer.nowMs());
      const again = await inPlace(deps, { waitMs, signal }, attempt);
      if (again === null) {
        break;
      }
      latest = again;
    }
    return latest.value;
  } finally {
    bell.close();
  }
}

interface Bell {
  /** Resolves at the next ring since the last call, or after `ms`. */
  next(ms: number): Promise<void>;
  close(): void;
}

function openBell({ timer, watch }: WaitDeps, signal: AbortSignal | null): Bell {
  let hasRung = false;
  let wake = new AbortController();
  const stop = watch(() => {
    hasRung = true;
    wake.abort();
  });
  const onAbort = (): void => {
    wake.abort();
  };
  signal?.addEventListener("abort", onAbort);
  return {
    next: async (ms) => {
      if (!hasRung) {
        await timer.sleep(Math.max(1, ms), wake.signal);
      }
      hasRung = false;
      wake = new AbortController();
      if (isGone(signal)) {
        wake.abort();
      }
    },
    close: () => {
      signal?.removeEventListener("abort", onAbort);
      stop();
    },
  };
}
