import type { Clock } from "./clock.ts";

/** Lets time pass. Tests turn it by hand. */
export interface Timer extends Clock {
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. `nowMs` of this object is monotonic. */
  sleep(ms: number, signal: AbortSignal | null): Promise<void>;
}
