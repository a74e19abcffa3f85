import type { Timer } from "../../core/base/timer.ts";

/** Real time: a clock that never jumps, and sleeps that do not keep the process alive longer than needed. */
export const systemTimer: Timer = createTimer((timeout) => timeout);

/** Real time for what is done by the way: a process that has nothing else to do ends during its sleeps. */
export const idleTimer: Timer = createTimer((timeout) => timeout.unref());

function createTimer(hold: (timeout: NodeJS.Timeout) => NodeJS.Timeout): Timer {
  return {
    nowMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const wake = (): void => {
          clearTimeout(timeout);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const timeout = hold(setTimeout(wake, ms));
        signal?.addEventListener("abort", wake, { once: true });
      }),
  };
}
