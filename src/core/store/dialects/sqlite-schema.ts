import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { latestVersion, refuseNewer } from "../migrating.ts";
import type { Migration } from "../store.ts";
import { decideAnchor } from "../time.ts";
import type { TimeAnchor, TimeSource } from "../time.ts";
import type { SqliteDriver } from "./sqlite-driver.ts";
import type { Witness } from "./witness.ts";

/** `SKN1` as a number: marks a SQLite file as a store of ours. */
const applicationId = 0x53_4b_4e_31;

/** The oldest library that several processes may share a WAL file with. */
const safeLibrary = [3, 51, 3] as const;

/** One row for the whole file, whose project is the empty text: the store's name and its time. */
const createClock = `CREATE TABLE IF NOT EXISTS store_clock (
  project TEXT NOT NULL PRIMARY KEY,
  store_id TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  store_ms BIGINT NOT NULL,
  monotonic_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL
)`;

const insertClock = `INSERT INTO store_clock (project, store_id, boot_id, store_ms, monotonic_ms, last_ms)
  VALUES ('', lower(hex(randomblob(8))), ?, ?, ?, ?)`;

const selectClock =
  "SELECT store_id, boot_id, store_ms, monotonic_ms, last_ms FROM store_clock WHERE project = ''";

const updateAnchor =
  "UPDATE store_clock SET boot_id = ?, store_ms = ?, monotonic_ms = ?, last_ms = ? WHERE project = ''";

/** Records that the store's time has come this far: what a later boot starts from. */
export const updateLastMs = "UPDATE store_clock SET last_ms = ? WHERE project = '' AND last_ms < ?";

interface ClockRow {
  readonly store_id: string;
  readonly boot_id: string;
  readonly store_ms: number;
  readonly monotonic_ms: number;
  readonly last_ms: number;
}

/** @throws {SkeinError} SKN-7107 when the library is older than 3.51.3. */
export function checkLibrary(driver: SqliteDriver): string {
  const version = libraryVersion(driver);
  const parts = version.split(".").map(Number);
  for (const [index, least] of safeLibrary.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) {
      break;
    }
    if (part < least) {
      throw new SkeinError(storeErrors.oldLibrary, {
        message: `SQLite ${version} cannot share a file safely; 3.51.3 or newer can.`,
        facts: { library: version },
      });
    }
  }
  return version;
}

/** The version of the SQLite library, as `3.54.1`. */
export function libraryVersion(driver: SqliteDriver): string {
  return (
    driver.prepare("SELECT sqlite_version() AS version").get<{ version: string }>()?.version ?? ""
  );
}

/** Reads one whole number by `PRAGMA name`. */
export function readPragma(driver: SqliteDriver, name: string): number {
  const row = driver.prepare(`PRAGMA ${name}`).get<Readonly<Record<string, number>>>();
  return row?.[name] ?? 0;
}

/** Tells the schema's version, 0 for an empty file. @throws {SkeinError} SKN-7105 or SKN-7106. */
export function checkSchema(
  driver: SqliteDriver,
  migrations: readonly Migration[],
  file: string,
): number {
  const version = readPragma(driver, "user_version");
  const owner = readPragma(driver, "application_id");
  const tables = driver.prepare("SELECT 1 AS one FROM sqlite_schema LIMIT 1").all();
  const isEmpty = version === 0 && owner === 0 && tables.length === 0;
  if (owner !== applicationId && !isEmpty) {
    throw new SkeinError(storeErrors.foreign, {
      message: `${file} is a SQLite database, but not a Skein store.`,
      facts: { file, application_id: owner },
    });
  }
  refuseNewer(version, migrations);
  return version;
}

/** Brings the schema up by one step inside the caller's write transaction; true when there is nothing more to do. */
export function migrateOnce(driver: SqliteDriver, migrations: readonly Migration[]): boolean {
  const version = readPragma(driver, "user_version");
  if (readPragma(driver, "application_id") === 0) {
    driver.exec(createClock);
    driver.exec(`PRAGMA application_id = ${String(applicationId)}`);
  }
  const next = migrations.find((migration) => migration.version === version + 1);
  if (next !== undefined) {
    for (const statement of next.statements) {
      driver.exec(statement);
    }
    driver.exec(`PRAGMA user_version = ${String(next.version)}`);
  }
  return version + 1 >= latestVersion(migrations);
}

/** True when the file has our mark and all steps of the schema. */
export function isMigrated(driver: SqliteDriver, migrations: readonly Migration[]): boolean {
  return (
    readPragma(driver, "application_id") === applicationId &&
    readPragma(driver, "user_version") >= latestVersion(migrations)
  );
}

/** The store's anchor in time when it holds for this boot, else null. */
export function readAnchor(driver: SqliteDriver, time: TimeSource): TimeAnchor | null {
  const row = readClock(driver);
  if (row === null) {
    return null;
  }
  const current = anchorOf(row);
  return decideAnchor(current, row.last_ms, time) === current ? current : null;
}

/** Ties the store's time to this boot, inside the caller's write transaction. */
export function writeAnchor(driver: SqliteDriver, time: TimeSource): TimeAnchor {
  const row = readClock(driver);
  const anchor = decideAnchor(row === null ? null : anchorOf(row), row?.last_ms ?? 0, time);
  driver
    .prepare(row === null ? insertClock : updateAnchor)
    .run(
      anchor.bootId,
      anchor.storeMs,
      anchor.monotonicMs,
      Math.max(anchor.storeMs, row?.last_ms ?? 0),
    );
  return anchor;
}

/** What the store itself knows of its name and time; null when its table is missing. */
export function readOwnWitness(driver: SqliteDriver): Witness | null {
  const tables = driver.prepare("SELECT 1 AS one FROM sqlite_schema WHERE name = 'store_clock'");
  if (tables.get() === undefined) {
    return null;
  }
  const row = readClock(driver);
  return row === null ? null : { storeId: row.store_id, lastMs: row.last_ms };
}

function readClock(driver: SqliteDriver): ClockRow | null {
  return driver.prepare(selectClock).get<ClockRow>() ?? null;
}

function anchorOf(row: ClockRow): TimeAnchor {
  return { bootId: row.boot_id, storeMs: row.store_ms, monotonicMs: row.monotonic_ms };
}
