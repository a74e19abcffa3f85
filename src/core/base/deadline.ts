import type { Timer } from "./timer.ts";

/** A signal that also ends when a time is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the time was over before `end`. */
  isLate(): boolean;
  /** To be called when the work is done: nothing waits any more. */
  end(): void;
}

export function startDeadline(timer: Timer, ms: number, outer: AbortSignal): Deadline {
  const over = new AbortController();
  const late = new AbortController();
  const ring = async (): Promise<void> => {
    await timer.sleep(ms, over.signal);
    if (!over.signal.aborted) {
      late.abort();
    }
  };
  void ring();
  return {
    signal: AbortSignal.any([outer, late.signal]),
    isLate: () => late.signal.aborted,
    end: () => {
      over.abort();
    },
  };
}
