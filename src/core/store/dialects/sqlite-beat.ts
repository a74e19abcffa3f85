import type { SqliteConnection } from "./sqlite-connection.ts";
import type { SqliteStatement } from "./sqlite-driver.ts";
import { updateLastMs } from "./sqlite-schema.ts";
import { writeWitness } from "./witness.ts";

/** How often the store's last known time is written down, in milliseconds of store time. */
const beatMs = 1_000;

export interface BeatDeps {
  readonly connection: SqliteConnection;
  readonly file: string;
  /** The store's id for its witness, or null when there is no witness. */
  readonly witnessOf: string | null;
  /** True when every commit is flushed to the disk, so that the witness may vouch for it. */
  readonly isFlushed: boolean;
}

/** Rolls back what is left of a transaction. */
export function undo(rollback: SqliteStatement): void {
  try {
    rollback.run();
  } catch {
    // After a full disk or a broken page SQLite has already rolled back by itself.
  }
}

/** Writes down how far the store's time has come, about once a second of writing. */
export interface Beat {
  /** Records the time in this transaction when it is due; tells whether it did. */
  record(nowMs: number): boolean;
  /** Is told of the commit. */
  confirm(nowMs: number): void;
}

export function createBeat({ connection, witnessOf, file, isFlushed }: BeatDeps): Beat {
  const update = connection.prepare(updateLastMs);
  let lastMs = 0;
  return {
    record: (nowMs) => {
      const isDue = nowMs - lastMs >= beatMs;
      if (isDue) {
        update.run(nowMs, nowMs);
      }
      return isDue;
    },
    confirm: (nowMs) => {
      lastMs = nowMs;
      if (witnessOf !== null) {
        writeWitness(file, { storeId: witnessOf, lastMs: isFlushed ? nowMs : 0 });
      }
    },
  };
}
