import type { Timer } from "../../core/base/timer.ts";

/** Real time: a clock that never jumps, and sleeps that do not keep the process alive longer than needed. */
export const systemTimer: Timer = {
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
      const timeout = setTimeout(wake, ms);
      signal?.addEventListener("abort", wake, { once: true });
    }),
};
