import type { EventEmitter } from "node:events";

/** The end of a step from outside. */
export interface EndOfRun {
  readonly signal: AbortSignal;
  /** What a program answers that a signal ended; null while none came. */
  exitCode(): number | null;
  stopListening(): void;
}

/** A runner that cancels sends SIGINT, then SIGTERM after 7.5 seconds, then kills. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Turns the signals of a cancelled job into an abort, so that what is open is closed and nothing more is begun. */
export function listenForEnd(signals: EventEmitter | null): EndOfRun {
  const controller = new AbortController();
  let code: number | null = null;
  const listeners = Object.entries(codes).map(([name, answer]) => {
    const listener = (): void => {
      code ??= answer;
      controller.abort();
    };
    signals?.on(name, listener);
    return () => signals?.off(name, listener);
  });
  return {
    signal: controller.signal,
    exitCode: () => code,
    stopListening: () => {
      for (const stop of listeners) {
        stop();
      }
    },
  };
}
