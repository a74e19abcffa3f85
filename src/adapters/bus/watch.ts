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

/**
 * Makes a look at the log, which rings when the log has grown since the look before; the first one always does, since what happened
 * before it is not known.
 */
function createBackstop(mark: () => Promise<number>, onRing: () => void): () => void {
  let known: number | null = null;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    isAsking = true;
    try {
      const current = await mark();
      if (current !== known) {
        onRing();
      }
      known = current;
    } catch {
      // A store that is busy or closed now is asked again at the next turn.
    } finally {
      isAsking = false;
    }
  };
  return () => {
    if (!isAsking) {
      void ask();
    }
  };
}
