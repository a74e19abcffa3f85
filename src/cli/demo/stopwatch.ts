/** Sums up what an agent spends its time on, in milliseconds. */
export interface Stopwatch {
  /** Counts the time as spent on agreeing with the others. */
  coordinating<T>(act: () => Promise<T>): Promise<T>;
  /** Counts the time as spent on waiting for work. */
  waiting<T>(act: () => Promise<T>): Promise<T>;
  /** What has come together since it was last asked. */
  takeTimes(): { readonly coordinationMs: number; readonly waitingMs: number };
}

export function createStopwatch(): Stopwatch {
  let coordinationMs = 0;
  let waitingMs = 0;
  return {
    coordinating: async (act) => {
      const startedAt = performance.now();
      try {
        return await act();
      } finally {
        coordinationMs += performance.now() - startedAt;
      }
    },
    waiting: async (act) => {
      const startedAt = performance.now();
      try {
        return await act();
      } finally {
        waitingMs += performance.now() - startedAt;
      }
    },
    takeTimes: () => {
      const times = { coordinationMs, waitingMs };
      coordinationMs = 0;
      waitingMs = 0;
      return times;
    },
  };
}
