import type { Timer } from "../../src/core/base/timer.ts";

/** A timer whose time stands still until a test turns it. */
export interface ManualTimer extends Timer {
  /** Lets time pass sleep by sleep, and lets everything that wakes up do its work before time goes on. */
  advance(ms: number): Promise<void>;
  /** Sleeps that have not ended. */
  sleepers(): number;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Starts at 0. */
export function createManualTimer(): ManualTimer {
  let nowMs = 0;
  const sleepers = new Set<Sleeper>();
  const earliest = (): Sleeper | undefined =>
    [...sleepers].toSorted((one, other) => one.atMs - other.atMs)[0];
  return {
    nowMs: () => nowMs,
    sleepers: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper: Sleeper = { atMs: nowMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await settle();
      for (let next = earliest(); next !== undefined && next.atMs <= endMs; next = earliest()) {
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
  };
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
