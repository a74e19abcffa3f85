import type { Reader, Store, Transaction } from "../../src/core/store/index.ts";

/** A store that counts what it is asked for. */
export interface CountedStore {
  readonly store: Store;
  /** How many writes were asked for. */
  readonly writes: () => number;
  /** How often work asked for something while nothing was under way: ways there and back to a server, without those of opening and commit. */
  readonly waits: () => number;
}

export function countWaits(store: Store): CountedStore {
  let [writes, waits] = [0, 0];
  const counting = (): (<T>(ask: () => Promise<T>) => Promise<T>) => {
    let underWay = 0;
    return async (ask) => {
      waits += underWay === 0 ? 1 : 0;
      underWay += 1;
      try {
        return await ask();
      } finally {
        underWay -= 1;
      }
    };
  };
  const readerOver = (reader: Reader, counted = counting()): Reader => ({
    project: reader.project,
    get nowMs() {
      return reader.nowMs;
    },
    get: async (sql, params) => counted(async () => reader.get(sql, params)),
    all: async (sql, params) => counted(async () => reader.all(sql, params)),
  });
  const transactionOver = (tx: Transaction): Transaction => {
    const counted = counting();
    return {
      ...readerOver(tx, counted),
      nowMs: tx.nowMs,
      lockedAtMs: tx.lockedAtMs,
      run: async (sql, params) => counted(async () => tx.run(sql, params)),
      // Nobody waits for these.
      put: async (sql, params) => tx.put(sql, params),
      beforeCommit: (key, work) => {
        tx.beforeCommit(key, work);
      },
      afterCommit: (key, work) => {
        tx.afterCommit(key, work);
      },
    };
  };
  return {
    writes: () => writes,
    waits: () => waits,
    store: {
      ...store,
      read: async (work) => store.read(async (reader) => work(readerOver(reader))),
      glance: async (work) => store.glance(async (reader) => work(readerOver(reader))),
      write: async (work, first) => {
        writes += 1;
        return store.write(async (tx) => work(transactionOver(tx)), first);
      },
    },
  };
}
