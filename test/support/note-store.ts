import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openBetterSqlite, openSqliteStore } from "../../src/core/store/index.ts";
import type {
  Migration,
  SqliteStoreOptions,
  Store,
  Transaction,
} from "../../src/core/store/index.ts";

/** A table for tests of the store itself. */
export const notesMigration: Migration = {
  version: 1,
  name: "notes",
  statements: [
    "CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, id))",
  ],
};

/** Opens a store of notes on the clocks of this machine unless told otherwise. */
export async function openNoteStore(
  options: Partial<SqliteStoreOptions> & { readonly file: string },
): Promise<Store> {
  return openSqliteStore({
    project: "demo",
    migrations: [notesMigration],
    time: createTimeSource(),
    random: systemRandom,
    ...options,
  });
}

export async function addNote(tx: Transaction, id: number, text = "note"): Promise<number> {
  return tx.run("INSERT INTO notes (project, id, text) VALUES (?, ?, ?)", [tx.project, id, text]);
}

export async function noteIds(store: Store): Promise<readonly number[]> {
  const rows = await store.read(async (reader) =>
    reader.all<{ id: number }>("SELECT id FROM notes WHERE project = ? ORDER BY id", [
      reader.project,
    ]),
  );
  return rows.map(({ id }) => id);
}

/** Tells whether another process could begin a write now, without waiting for anyone. */
export function canBeginToWrite(file: string): boolean {
  const outsider = openBetterSqlite(file);
  try {
    outsider.exec("PRAGMA busy_timeout = 0");
    outsider.exec("BEGIN IMMEDIATE");
    outsider.exec("ROLLBACK");
    return true;
  } catch {
    return false;
  } finally {
    outsider.close();
  }
}
