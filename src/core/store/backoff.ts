import type { Random } from "../base/clock.ts";

/** How a process waits for a lock that other processes hold. */
export interface Backoff {
  /** The pause before the next attempt, in milliseconds. */
  retryMs(): number;
}

/**
 * Makes the waiting of one process. SQLite's own back-off starves processes for seconds, since its pauses grow while newcomers
 * start with short ones; equal random pauses are fair.
 */
export function createBackoff(random: Random): Backoff {
  return {
    retryMs: () => {
      const [byte = 0] = random.bytes(1);
      return 2 + byte / 25.6;
    },
  };
}

/** Pauses for a number of real milliseconds. */
export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
