import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, test } from "vitest";
import {
  openBetterSqlite,
  openNodeSqlite,
  openPostgresStore,
  openSqliteStore,
} from "../../src/core/store/index.ts";
import type { Migration, OpenSqlite, Store } from "../../src/core/store/index.ts";
import { migratedMemory, placeMigrated, schemaName } from "./migrated-files.ts";
import { createPostgresPlace, postgresUrl } from "./postgres.ts";
import type { PostgresPlace } from "./postgres.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a test says of the store it needs. */
export interface TestStoreOptions {
  readonly migrations: readonly Migration[];
  /** Default `demo`. */
  readonly project?: string | undefined;
  /** Default a new one; see the answer's `time`. */
  readonly time?: VirtualTime | undefined;
}

/** An open store and the clock that turns it. */
export interface TestStore {
  readonly store: Store;
  readonly time: VirtualTime;
}

/** Opens a store that lives in memory, for unit tests. The caller closes it, or leaves it to the end of the process. */
export async function openMemoryStore({
  migrations,
  project = "demo",
  time = createVirtualTime(),
}: TestStoreOptions): Promise<TestStore> {
  const store = await openSqliteStore({
    file: ":memory:",
    project,
    migrations,
    time,
    random: createSeededRandom(),
    openDriver: (await migratedMemory(migrations)) ?? undefined,
  });
  return { store, time };
}

/** Opens a fresh store of one kind; those opened are closed after each test. Opening twice in one test gives the same database. */
export type OpenTestStore = (options: TestStoreOptions) => Promise<TestStore>;

/** How each test of a description gets its store. */
export interface EachStoreOptions {
  /** True makes the tables anew for each test, for those that ask about just that. Default false: they are made once, and each test finds them empty. */
  readonly isMadeAnew?: boolean | undefined;
}

/**
 * Describes the same behaviour for every kind of store that is at hand. PostgreSQL is one of them when a server listens on this machine
 * or `SKEIN_TEST_POSTGRES` names one; else its cases are reported as skipped. There the time is the server's: `time` turns only SQLite.
 */
export function eachStore(
  name: string,
  cases: (open: OpenTestStore, kind: string) => void,
  { isMadeAnew = false }: EachStoreOptions = {},
): void {
  describe(`${name} on better-sqlite3`, () => {
    cases(sqliteOpener({ openDriver: openBetterSqlite, isMadeAnew }), "better-sqlite3");
  });
  describe(`${name} on better-sqlite3 with groups`, () => {
    cases(sqliteOpener({ openDriver: openBetterSqlite, isMadeAnew, groupCommit: true }), "groups");
  });
  describe(`${name} on node:sqlite`, () => {
    cases(sqliteOpener({ openDriver: openNodeSqlite, isMadeAnew }), "node:sqlite");
  });
  if (postgresUrl === null) {
    describe(`${name} on PostgreSQL`, () => {
      test.skip("is not tried: no server at hand (see SKEIN_TEST_POSTGRES)");
    });
  } else {
    const url = postgresUrl;
    describe(`${name} on PostgreSQL`, () => {
      cases(postgresOpener(url, isMadeAnew), "postgres");
    });
  }
}

interface SqliteOpening {
  readonly openDriver: OpenSqlite;
  readonly isMadeAnew: boolean;
  readonly groupCommit?: boolean;
}

function sqliteOpener({
  openDriver,
  isMadeAnew,
  groupCommit = false,
}: SqliteOpening): OpenTestStore {
  let directory: string | null = null;
  const opened: Store[] = [];
  afterEach(async () => {
    await closeAll(opened);
    if (directory !== null) {
      rmSync(directory, { recursive: true });
    }
    directory = null;
  });
  return async ({ migrations, project = "demo", time = createVirtualTime() }) => {
    directory ??= makeTemporaryDirectory();
    const file = join(directory, "skein", "skein.db");
    if (!isMadeAnew) {
      await placeMigrated(file, { migrations, openDriver });
    }
    const store = await openSqliteStore({
      file,
      project,
      migrations,
      time,
      random: createSeededRandom(),
      openDriver,
      settings: { groupCommit },
    });
    opened.push(store);
    return { store, time };
  };
}

/** A schema that a test has left, and what its tables were made by. */
interface KeptPlace {
  readonly place: PostgresPlace;
  readonly name: string;
}

function postgresOpener(url: string, isMadeAnew: boolean): OpenTestStore {
  let placed: Promise<PostgresPlace> | null = null;
  let kept: KeptPlace | null = null;
  const names = new Set<string | null>();
  const opened: Store[] = [];
  afterEach(async () => {
    await closeAll(opened);
    const [name = null, ...others] = names;
    names.clear();
    const place = await placed;
    placed = null;
    if (name === null || others.length > 0) {
      await place?.remove();
    } else if (place !== null) {
      const next = await place.emptied();
      kept = next === null ? null : { place: next, name };
    }
  });
  afterAll(async () => {
    await kept?.place.remove();
    kept = null;
  });
  const placeFor = async (name: string | null): Promise<PostgresPlace> => {
    const last = kept;
    kept = null;
    if (last !== null && last.name === name) {
      return last.place;
    }
    await last?.place.remove();
    return createPostgresPlace(url);
  };
  return async ({ migrations, project = "demo", time = createVirtualTime() }) => {
    const name = isMadeAnew ? null : schemaName(migrations);
    names.add(name);
    placed ??= placeFor(name);
    const { pool } = await placed;
    const store = await openPostgresStore({
      pool,
      project,
      migrations,
      time,
      random: createSeededRandom(),
    });
    opened.push(store);
    return { store, time };
  };
}

async function closeAll(opened: Store[]): Promise<void> {
  await Promise.all(opened.splice(0).map(async (store) => store.close()));
}

/** Makes an empty directory; the caller removes it. */
export function makeTemporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "skein-test-"));
}
