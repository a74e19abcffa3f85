import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqliteStore } from "../../src/core/store/index.ts";
import type { Migration, OpenSqlite } from "../../src/core/store/index.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";

/** How the stores of a test come to their tables. */
export interface Schema {
  readonly migrations: readonly Migration[];
  readonly openDriver: OpenSqlite;
}

let folder: string | null = null;

const files = new Map<string, Promise<string>>();

/** Tells lists of steps apart; null for those that write rows, which a store is not to have twice. */
export function schemaName(migrations: readonly Migration[]): string | null {
  const isPlain = migrations.every(({ statements }) =>
    statements.every((statement) => /^\s*(?:CREATE|ALTER|DROP)\b/u.test(statement)),
  );
  return isPlain ? JSON.stringify(migrations) : null;
}

/** Puts a store there that has the tables of these steps, and neither rows nor a name: each process makes it once by the steps themselves. Leaves a store that is there. */
export async function placeMigrated(file: string, schema: Schema): Promise<void> {
  const name = schemaName(schema.migrations);
  if (name === null || existsSync(file)) {
    return;
  }
  const key = `${schema.openDriver.name} ${name}`;
  const made = files.get(key) ?? makeMigrated(schema);
  files.set(key, made);
  const from = await made;
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    copyFileSync(from, file);
  }
}

const memoryFile = ":memory:";

/** As the store loads it; made of a name or of the bytes of a database. */
const Database: new (
  from: string | Buffer,
  options: { readonly timeout: number },
) => ReturnType<OpenSqlite> & { serialize(): Buffer } = createRequire(import.meta.url)(
  "better-sqlite3",
);

const contents = new Map<string, Promise<Buffer>>();

/** Opens databases in memory that have the tables of these steps, and neither rows nor a name; null for steps that write rows. */
export async function migratedMemory(migrations: readonly Migration[]): Promise<OpenSqlite | null> {
  const name = schemaName(migrations);
  if (name === null) {
    return null;
  }
  const made = contents.get(name) ?? migrateInMemory(migrations);
  contents.set(name, made);
  const bytes = await made;
  return () => new Database(bytes, { timeout: 0 });
}

async function migrateInMemory(migrations: readonly Migration[]): Promise<Buffer> {
  const database = new Database(memoryFile, { timeout: 0 });
  const store = await openSqliteStore({
    file: memoryFile,
    project: "none",
    migrations,
    time: createVirtualTime(),
    random: createSeededRandom(),
    openDriver: () => database,
  });
  database.exec("DELETE FROM store_clock");
  const bytes = database.serialize();
  await store.close();
  return bytes;
}

async function makeMigrated({ migrations, openDriver }: Schema): Promise<string> {
  const file = join(ownFolder(), String(files.size), "skein.db");
  const store = await openSqliteStore({
    file,
    project: "none",
    migrations,
    time: createVirtualTime(),
    random: createSeededRandom(),
    openDriver,
  });
  await store.close();
  const driver = openDriver(file);
  // Whoever opens a copy names it, and ties it to a clock.
  driver.exec("DELETE FROM store_clock");
  driver.close();
  return file;
}

function ownFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "skein-migrated-"));
    process.once("exit", () => {
      rmSync(made, { recursive: true, force: true });
    });
    folder = made;
  }
  return folder;
}
