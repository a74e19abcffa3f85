export { openPostgresStore } from "./dialects/postgres.ts";
export type { PostgresSettings, PostgresStoreOptions } from "./dialects/postgres.ts";
export { createPostgresPool } from "./dialects/postgres-driver.ts";
export type { PostgresPool, PostgresPoolOptions } from "./dialects/postgres-driver.ts";
export { createPostgresProjects } from "./dialects/postgres-projects.ts";
export type { DatabaseStatus, PostgresProjects } from "./dialects/postgres-projects.ts";
export { isDatabaseUrl, parseDatabaseUrl } from "./dialects/postgres-url.ts";
export type { DatabaseAddress } from "./dialects/postgres-url.ts";
export { openSqliteStore } from "./dialects/sqlite.ts";
export type { SqliteSettings, SqliteStoreOptions } from "./dialects/sqlite.ts";
export { openBetterSqlite, openNodeSqlite, quickestDriver } from "./dialects/sqlite-driver.ts";
export type { OpenSqlite, SqliteDriver, SqliteStatement } from "./dialects/sqlite-driver.ts";
export { sharedFileSystem } from "./dialects/sqlite-place.ts";
export { storeErrors } from "./errors.ts";
export { tellingLongLine } from "./long-line.ts";
export type { TellLongLine } from "./long-line.ts";
export { inOrder, probeColumns, probing } from "./probing.ts";
export type { Found, Probe, Probes, Probing } from "./probing.ts";
export { recountAfter } from "./recounting.ts";
export { filledUp, forRows, groupsOf } from "./row-groups.ts";
export type { ListSize } from "./row-groups.ts";
export type {
  Maintenance,
  FirstQueries,
  Migration,
  Query,
  Reader,
  SqlValue,
  Store,
  StoreHealth,
  StoreLoad,
  TimelessReader,
  Transaction,
} from "./store.ts";
export type { TimeSource } from "./time.ts";
