import type { Timer } from "../base/timer.ts";

/** The longest a call waits, so that hosts do not give up on it: 45 seconds. */
export const longestWaitMs = 45_000;

/** Without a ring the log is looked at again after this time: a doorbell may be lost. */
const backstopMs = 1_000;

export interface WaitDeps {
  readonly timer: Timer;
  readonly watch: (onChange: () => void) => () => void;
}

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

/** Tries until an answer is final, the time is up or the signal aborts; wakes with the doorbell. */
export async function tryUntil<T>(
  deps: WaitDeps,
  options: WaitOptions,
  attempt: () => Promise<Try<T>>,
): Promise<T> {
  const first = await attempt();
  if (first.isFinal || options.waitMs <= 0) {
    return first.value;
  }
  const deadlineMs = deps.timer.nowMs() + Math.min(options.waitMs, longestWaitMs);
  return keepTrying(deps, { ...options, deadlineMs }, { attempt, last: first });
}

interface KeepTrying<T> {
  readonly attempt: () => Promise<Try<T>>;
  readonly last: Try<T>;
}

async function keepTrying<T>(
  deps: WaitDeps,
  options: WaitOptions & { readonly deadlineMs: number },
  { attempt, last }: KeepTrying<T>,
): Promise<T> {
  const bell = openBell(deps, options.signal);
  try {
    let latest = last;
    while (!latest.isFinal) {
      const leftMs = options.deadlineMs - deps.timer.nowMs();
      if (leftMs <= 0 || options.signal?.aborted === true) {
        break;
      }
      await bell.next(Math.min(leftMs, backstopMs, latest.againInMs ?? backstopMs));
      latest = await attempt();
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
      if (signal?.aborted === true) {
        wake.abort();
      }
    },
    close: () => {
      signal?.removeEventListener("abort", onAbort);
      stop();
    },
  };
}
