import { createBackstop } from "./backstop.ts";

/** Those in this process who want to hear of one project. */
export interface Watch {
  /** Calls back soon after each ring; the same function may be added twice. */
  add(onRing: () => void): () => void;
  ring(): void;
  close(): void;
}

export interface WatchOptions {
  readonly mark: () => Promise<number>;
  /** How often to look at the log by itself; null: never. */
  readonly backstopMs: number | null;
  /** Called when the last one has left. */
  readonly onEmpty: () => void;
}

export function createWatch({ mark, backstopMs, onEmpty }: WatchOptions): Watch {
  const listeners = new Set<{ readonly onRing: () => void }>();
  let isDue = false;
  let timer: NodeJS.Timeout | null = null;
  const ring = (): void => {
    if (!isDue) {
      isDue = true;
      setImmediate(() => {
        isDue = false;
        for (const { onRing } of listeners) {
          onRing();
        }
      });
    }
  };
  const stop = (): void => {
    clearInterval(timer ?? undefined);
    timer = null;
    listeners.clear();
  };
  return {
    add: (onRing) => {
      const listener = { onRing };
      listeners.add(listener);
      if (backstopMs !== null) {
        timer ??= setInterval(createBackstop(mark, ring), backstopMs);
      }
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) {
          stop();
          onEmpty();
        }
      };
    },
    ring,
    close: stop,
  };
}
