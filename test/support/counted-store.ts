import type { Reader, Store, Transaction } from "../../src/core/store/index.ts";
import type { OpenTestStore } from "./stores.ts";

/** What was asked of a store. */
export interface StoreCounts {
  writes: number;
  reads: number;
  statements: number;
}

/** Opens stores that count what they are asked, over all of them. */
export function countingOpener(
  open: OpenTestStore,
): readonly [open: OpenTestStore, counts: StoreCounts] {
  const counts: StoreCounts = { writes: 0, reads: 0, statements: 0 };
  const counted: OpenTestStore = async (options) => {
    const opened = await open(options);
    return { ...opened, store: countedStore(opened.store, counts) };
  };
  return [counted, counts];
}

function countedStore(store: Store, counts: StoreCounts): Store {
  return {
    ...store,
    read: async (work) => {
      counts.reads += 1;
      return store.read((reader) => work(countedReader(reader, counts)));
    },
    write: async (work) => {
      counts.writes += 1;
      return store.write((tx) => work(countedTransaction(tx, counts)));
    },
  };
}

function countedReader(reader: Reader, counts: StoreCounts): Reader {
  return {
    ...reader,
    get: async (sql, params) => {
      counts.statements += 1;
      return reader.get(sql, params);
    },
    all: async (sql, params) => {
      counts.statements += 1;
      return reader.all(sql, params);
    },
  };
}

function countedTransaction(tx: Transaction, counts: StoreCounts): Transaction {
  return {
    ...tx,
    ...countedReader(tx, counts),
    run: async (sql, params) => {
      counts.statements += 1;
      return tx.run(sql, params);
    },
    put: async (sql, params) => {
      counts.statements += 1;
      await tx.put(sql, params);
    },
  };
}
