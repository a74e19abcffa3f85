import { isDeepStrictEqual } from "node:util";
import type { Query, Reader, SqlValue, Store, Transaction } from "../../src/core/store/index.ts";
import type { OpenTestStore } from "./stores.ts";

/** What was asked of a store. */
export interface StoreCounts {
  writes: number;
  reads: number;
  statements: number;
  /** Queries that writes told of, to have them asked with the opening: those that the work asked before anything else, and those that went out in vain. */
  foreseen: number;
  missed: number;
}

/** Opens stores that count what they are asked, over all of them. */
export function countingOpener(
  open: OpenTestStore,
): readonly [open: OpenTestStore, counts: StoreCounts] {
  const counts: StoreCounts = { writes: 0, reads: 0, statements: 0, foreseen: 0, missed: 0 };
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
    write: async (work, first) => {
      counts.writes += 1;
      let told: readonly Query[] | null = null;
      const asked = first && (() => (told = first()));
      return store.write(async (tx) => {
        // Not every store wants to know: what it would be told is held against the work all the same.
        const early = foreseen(told ?? first?.() ?? [], counts);
        const result = await work(foreseeing(countedTransaction(tx, counts), early));
        early.end();
        return result;
      }, asked);
    },
  };
}

/** What was told of a write, as far as its work may still ask for it. */
interface Foreseen {
  asked(this: void, sql: string, params: readonly SqlValue[]): void;
  end(this: void): void;
}

/** As a server that was asked early: whoever asks or writes something else is told nothing more of what it knew before. */
function foreseen(told: readonly Query[], counts: StoreCounts): Foreseen {
  let left = [...told];
  const end = (): void => {
    counts.missed += left.length;
    left = [];
  };
  return {
    asked: (sql, params) => {
      const at = left.findIndex((one) => one.sql === sql && isDeepStrictEqual(one.params, params));
      if (at < 0) {
        end();
      } else {
        left.splice(at, 1);
        counts.foreseen += 1;
      }
    },
    end,
  };
}

function foreseeing(tx: Transaction, early: Foreseen): Transaction {
  return {
    ...tx,
    get: async (sql, params) => {
      early.asked(sql, params);
      return tx.get(sql, params);
    },
    all: async (sql, params) => {
      early.asked(sql, params);
      return tx.all(sql, params);
    },
    run: async (sql, params) => {
      early.asked(sql, params);
      return tx.run(sql, params);
    },
    put: async (sql, params) => {
      early.end();
      await tx.put(sql, params);
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
