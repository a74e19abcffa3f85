import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { Ran } from "./recording.ts";

/** Statements run as one would write them by hand: the driver and nothing around it. */
export interface Hand {
  run(transaction: readonly Ran[]): void;
  close(): void;
}

/** Opens a file with the settings of the store, and prepares what will run. */
export function openHand(
  file: string,
  transactions: readonly (readonly Ran[])[],
  synchronous: "full" | "normal",
): Hand {
  const db = openBetterSqlite(file);
  const sync = `synchronous = ${synchronous}`;
  for (const pragma of ["journal_mode = WAL", sync, "mmap_size = 0", "cache_size = -65536"]) {
    db.exec(`PRAGMA ${pragma}`);
  }
  const texts = new Set(transactions.flat().map(({ sql }) => sql));
  const statements = new Map([...texts].map((sql) => [sql, db.prepare(sql)]));
  return {
    run: (transaction) => {
      for (const { how, sql, params } of transaction) {
        statements.get(sql)?.[how](...params);
      }
    },
    close: () => db.close(),
  };
}
