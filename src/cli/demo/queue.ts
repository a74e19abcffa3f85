/** Does pieces of work one at a time, in the order in which they came; after a failure it does nothing more. */
export interface Queue<T> {
  add(item: T): void;
  /** Settles when nothing is left. @throws what the work threw. */
  idle(): Promise<void>;
  /** Settles when nothing is under way any more, be it done or failed. */
  settled(): Promise<void>;
  /** When the last piece was done, by the process's clock; 0 before the first. */
  lastAtMs(): number;
  /** Aborts when a piece has failed. */
  readonly failed: AbortSignal;
}

export function createQueue<T>(work: (item: T) => Promise<void>): Queue<T> {
  const failing = new AbortController();
  let tail = Promise.resolve();
  let lastAtMs = 0;
  const after = async (before: Promise<void>, item: T): Promise<void> => {
    await before;
    await work(item);
    lastAtMs = performance.now();
  };
  return {
    add: (item) => {
      tail = after(tail, item);
      tail.catch(() => {
        failing.abort(); // `idle` tells why.
      });
    },
    idle: () => tail,
    settled: () => tail.catch(() => undefined),
    lastAtMs: () => lastAtMs,
    failed: failing.signal,
  };
}
