import type { Timer } from "../../core/base/timer.ts";

export interface LaneOptions {
  /** How many run at once. */
  readonly atMost: number;
  /** The least time between two starts, in milliseconds. */
  readonly spacingMs: number;
  readonly timer: Timer;
  readonly signal: AbortSignal | null;
}

/** Lets work run in the order in which it came, a few at once and not too close together. */
export interface Lane {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLane({ atMost, spacingMs, timer, signal }: LaneOptions): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  const enter = async (): Promise<void> => {
    if (running >= atMost) {
      // Whoever leaves hands over its place.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    const nowMs = timer.nowMs();
    const startMs = Math.max(nowMs, nextAtMs);
    nextAtMs = startMs + spacingMs;
    if (startMs > nowMs) {
      await timer.sleep(startMs - nowMs, signal);
    }
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) {
      running -= 1;
    } else {
      next();
    }
  };
  return {
    run: async (work) => {
      await enter();
      try {
        signal?.throwIfAborted();
        return await work();
      } finally {
        leave();
      }
    },
  };
}
