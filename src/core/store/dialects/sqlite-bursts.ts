import type { Turns } from "./sqlite-turns.ts";

/**
 * Lets the writers of one process follow each other before another process has its turn: their code and pages are at hand, where every
 * change of the process wakes somebody and finds both cold.
 */
export interface Burst {
  /** True while this process goes on ahead of others that wait. */
  isRunning(): boolean;
  /** Is told that a transaction is over, and calls the next process unless this one goes on. */
  end(): void;
}

export interface BurstDeps {
  readonly turns: Pick<Turns, "callNext">;
  /** Whether another writer of this process waits. */
  readonly isMoreHere: () => boolean;
  /** Real milliseconds of a clock that never jumps. */
  readonly nowMs: () => number;
}

/** For how long others are let wait, in milliseconds. */
const burstMs = 4;

/** Makes the bursts of one process. */
export function createBurst({ turns, isMoreHere, nowMs }: BurstDeps): Burst {
  let startedMs: number | null = null;

  function goesOn(): boolean {
    if (!isMoreHere()) {
      return false;
    }
    startedMs ??= nowMs();
    return nowMs() - startedMs < burstMs;
  }

  return {
    isRunning: () => startedMs !== null,
    end: () => {
      if (!goesOn()) {
        startedMs = null;
        turns.callNext();
      }
    },
  };
}
