import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { latestVersion, refuseNewer } from "../migrating.ts";
import type { Migration } from "../store.ts";
import type { PostgresClient } from "./postgres-driver.ts";

/** Any number will do, as long as no one else locks it: `SKN1`. */
const migrationLock = 0x53_4b_4e_31;

const createTables = [
  `CREATE TABLE IF NOT EXISTS store_schema (
    project TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
  )`,
  "CREATE TABLE IF NOT EXISTS store_projects (project TEXT NOT NULL PRIMARY KEY)",
  "INSERT INTO store_schema (project, version) VALUES ('', 0) ON CONFLICT (project) DO NOTHING",
] as const;

/** Brings the schema up to date, one step a transaction, one process at a time. @throws {SkeinError} SKN-7106. */
export async function migratePostgres(
  client: PostgresClient,
  migrations: readonly Migration[],
): Promise<void> {
  while ((await readVersion(client, migrations)) !== latestVersion(migrations)) {
    await inTransaction(client, async () => {
      // Never trust "there is no such table" here: this session may remember it from before it waited for the lock.
      for (const text of createTables) {
        await client.query({ text });
      }
      await runStep(client, migrations, (await selectVersion(client)) + 1);
    });
  }
}

/** Makes sure that the row exists which every write of the project locks, and tells whether it is new. Reads first: one who may only read can open what is there. */
export async function addProject(client: PostgresClient, project: string): Promise<boolean> {
  if (await hasProject(client, project)) {
    return false;
  }
  const { rowCount } = await client.query({
    text: "INSERT INTO store_projects (project) VALUES ($1) ON CONFLICT (project) DO NOTHING",
    values: [project],
  });
  return rowCount === 1;
}

/** @throws {SkeinError} SKN-5112 when nobody has added the project. */
export async function needProject(client: PostgresClient, project: string): Promise<void> {
  if (!(await hasProject(client, project))) {
    throw new SkeinError(storeErrors.noProject, {
      message: `The database does not know the project "${project}".`,
      facts: { project },
    });
  }
}

async function hasProject(client: PostgresClient, project: string): Promise<boolean> {
  const { rows } = await client.query({
    text: "SELECT 1 AS found FROM store_projects WHERE project = $1",
    values: [project],
  });
  return rows.length > 0;
}

/** PostgreSQL 14, as the server writes it in numbers. */
const oldestServer = 140_000;

/** The schema's version; null before the first step. @throws {SkeinError} SKN-7106, SKN-7118. */
async function readVersion(
  client: PostgresClient,
  migrations: readonly Migration[],
): Promise<number | null> {
  const version = await lookAtSchema(client);
  if (version !== null) {
    refuseNewer(version, migrations);
  }
  return version;
}

/** The schema's version, whatever it is; null before the first step. @throws {SkeinError} SKN-7118. */
export async function lookAtSchema(client: PostgresClient): Promise<number | null> {
  const { rows } = await client.query<{ found: string | null; server: number }>({
    text: "SELECT to_regclass('store_schema')::text AS found, current_setting('server_version_num')::int AS server",
  });
  const { found = null, server = oldestServer } = rows[0] ?? {};
  if (server < oldestServer) {
    throw new SkeinError(storeErrors.oldServer, { facts: { server } });
  }
  return found === null ? null : selectVersion(client);
}

async function selectVersion(client: PostgresClient): Promise<number> {
  const { rows } = await client.query<{ version: number }>({
    text: "SELECT version::int AS version FROM store_schema WHERE project = ''",
  });
  return rows[0]?.version ?? 0;
}

async function runStep(
  client: PostgresClient,
  migrations: readonly Migration[],
  version: number,
): Promise<void> {
  const step = migrations.find((migration) => migration.version === version);
  if (step === undefined) {
    return;
  }
  for (const text of step.statements) {
    await client.query({ text: inByteOrder(text) });
  }
  await client.query({
    text: "UPDATE store_schema SET version = $1 WHERE project = ''",
    values: [version],
  });
}

/** Texts sort and compare by their bytes, as in SQLite, whatever the database's language: ranges of paths rely on it. */
function inByteOrder(statement: string): string {
  return statement.replaceAll(/ TEXT\b/gu, ' TEXT COLLATE "C"');
}

async function inTransaction(client: PostgresClient, work: () => Promise<void>): Promise<void> {
  await client.query({ text: "BEGIN" });
  try {
    await client.query({ text: `SELECT pg_advisory_xact_lock(${String(migrationLock)})` });
    await work();
    await client.query({ text: "COMMIT" });
  } catch (error) {
    await client.query({ text: "ROLLBACK" });
    throw error;
  }
}
