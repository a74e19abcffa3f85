import { rmSync } from "node:fs";
import { join } from "node:path";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import {
  createPostgresPool,
  isDatabaseUrl,
  openBetterSqlite,
  openPostgresStore,
  openSqliteStore,
} from "../../src/core/store/index.ts";
import type { Migration, Store } from "../../src/core/store/index.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

/** Where a store of a few tables lies that several processes open: a file, or a schema of a PostgreSQL server. */
export interface RawPlace {
  /** The file's name, or the address. */
  readonly where: string;
  readonly remove: () => Promise<void>;
}

/** The stores at hand, by their names. */
export const rawPlaces: readonly (readonly [string, () => Promise<RawPlace>])[] = [
  ["a file", makeFile],
  ...(postgresUrl === null
    ? []
    : [["PostgreSQL", () => createPlaceAt(postgresUrl ?? "")] as const]),
];

function makeFile(): Promise<RawPlace> {
  const directory = makeTemporaryDirectory();
  return Promise.resolve({
    where: join(directory, "skein.db"),
    remove: () => {
      rmSync(directory, { recursive: true });
      return Promise.resolve();
    },
  });
}

async function createPlaceAt(server: string): Promise<RawPlace> {
  const place = await createPostgresPlace(server);
  return { where: place.url, remove: async () => place.remove() };
}

/** Opens the project `demo` there, on the clocks of this machine. */
export async function openRawStore(
  where: string,
  migrations: readonly Migration[],
): Promise<Store> {
  const parts = { project: "demo", migrations, time: createTimeSource(), random: systemRandom };
  if (!isDatabaseUrl(where)) {
    return openSqliteStore({ file: where, ...parts });
  }
  const pool = await createPostgresPool({ url: where, maxConnections: 2 });
  try {
    const store = await openPostgresStore({ pool, ...parts });
    const close = async (): Promise<void> => {
      await store.close();
      await pool.end();
    };
    return { ...store, close };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Keeps every writer of the project waiting, as somebody else's transaction would; the answer lets them go on. */
export async function holdWriters(where: string): Promise<() => Promise<void>> {
  if (!isDatabaseUrl(where)) {
    const outsider = openBetterSqlite(where);
    outsider.exec("PRAGMA busy_timeout = 60000");
    outsider.exec("BEGIN IMMEDIATE");
    return () => {
      outsider.exec("ROLLBACK");
      outsider.close();
      return Promise.resolve();
    };
  }
  const pool = await createPostgresPool({ url: where, maxConnections: 1 });
  const outsider = await pool.connect();
  await outsider.query({ text: "BEGIN" });
  await outsider.query({
    text: "SELECT project FROM store_projects WHERE project = 'demo' FOR UPDATE",
  });
  return async () => {
    await outsider.query({ text: "ROLLBACK" });
    outsider.release();
    await pool.end();
  };
}
