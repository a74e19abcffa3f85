import { createRequire } from "node:module";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import type { SqlValue } from "../store.ts";

/** A row, or undefined when there is none, as the drivers say it. */
export type RowOrNone<Row> = Row | undefined;

/** A prepared statement, as better-sqlite3 and `node:sqlite` both have it. `Row` is believed, as in `Reader`. */
export interface SqliteStatement {
  get<Row>(...params: SqlValue[]): RowOrNone<Row>;
  all<Row>(...params: SqlValue[]): Row[];
  run(...params: SqlValue[]): { readonly changes: number | bigint };
}

/** A connection, typed by structure: better-sqlite3's `Database` and Node's `DatabaseSync` both fit. */
export interface SqliteDriver {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** Opens a connection to a file or to `:memory:`. */
export type OpenSqlite = (file: string) => SqliteDriver;

/** Opens with better-sqlite3, the default. @throws {SkeinError} SKN-7117 when it is not installed. */
export function openBetterSqlite(file: string): SqliteDriver {
  const Database = requireBetterSqlite();
  return new Database(file, { timeout: 0 });
}

/** Opens with Node's own SQLite, which needs no native package. */
export function openNodeSqlite(file: string): SqliteDriver {
  const load = createRequire(import.meta.url);
  const { DatabaseSync }: NodeSqlite = load("node:sqlite");
  return new DatabaseSync(file);
}

/** For programs that run a moment only: Node's own SQLite, which needs no package to be loaded, where its library may share a file. */
export function quickestDriver(): OpenSqlite {
  const [major = 0, minor = 0, patch = 0] = (process.versions["sqlite"] ?? "0")
    .split(".")
    .map(Number);
  const isSafe = major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)));
  return isSafe ? openNodeSqlite : openBetterSqlite;
}

type BetterSqlite = new (file: string, options: { readonly timeout: number }) => SqliteDriver;

interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SqliteDriver;
}

function requireBetterSqlite(): BetterSqlite {
  try {
    const load = createRequire(import.meta.url);
    const constructor: BetterSqlite = load("better-sqlite3");
    return constructor;
  } catch (cause) {
    throw new SkeinError(storeErrors.noDriver, {
      message: "better-sqlite3 cannot be loaded.",
      fix: "Install better-sqlite3 beside Skein: `npm install better-sqlite3`.",
      cause,
    });
  }
}
