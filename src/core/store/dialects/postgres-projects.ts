import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { latestVersion, orderMigrations } from "../migrating.ts";
import type { Migration } from "../store.ts";
import { withClient } from "./postgres-client.ts";
import type { PostgresClient, PostgresPool } from "./postgres-driver.ts";
import { addProject, lookAtSchema, migratePostgres } from "./postgres-schema.ts";

/** A step of the schema by its name. */
export interface SchemaStep {
  readonly version: number;
  readonly name: string;
}

/** What a database is and how far its schema has come. */
export interface DatabaseStatus {
  /** As `PostgreSQL 15.8`. */
  readonly engine: string;
  /** 0 for a database without Skein's tables. */
  readonly schemaVersion: number;
  /** The newest version that this program knows. */
  readonly knownVersion: number;
  readonly pending: readonly SchemaStep[];
  /** The size of Skein's tables with their indexes, in bytes. */
  readonly sizeBytes: number;
  /** Connections of all programs to the whole server, and how many it allows. */
  readonly connections: { readonly used: number; readonly allowed: number };
  /** True for a standby, which takes no writes. */
  readonly isStandby: boolean;
  readonly projects: readonly string[];
}

/** The projects of one database, and its schema. None of it belongs to one project. */
export interface PostgresProjects {
  /** Looks and changes nothing: a database without tables stays without. */
  status(): Promise<DatabaseStatus>;
  /** Brings the schema up to date. @throws {SkeinError} SKN-7106 for one that is newer, SKN-3102. */
  migrate(): Promise<void>;
  /** The names of all projects, in order. */
  list(): Promise<readonly string[]>;
  /** Makes a project; false when it was there, which stays as it is. */
  add(project: string): Promise<boolean>;
  /** Takes a project with all of its rows away, or only counts them. @throws {SkeinError} SKN-5112. */
  remove(project: string, doing: "count" | "delete"): Promise<number>;
}

/** Looks after the projects of a database. Whoever made the pool ends it. */
export function createPostgresProjects(
  pool: PostgresPool,
  migrations: readonly Migration[],
): PostgresProjects {
  const ordered = orderMigrations(migrations);
  return {
    status: () => withClient(pool, (client) => readStatus(client, ordered)),
    migrate: () => withClient(pool, (client) => migratePostgres(client, ordered)),
    list: () =>
      withClient(pool, async (client) =>
        (await lookAtSchema(client)) === null ? [] : listProjects(client),
      ),
    add: (project) =>
      withClient(pool, async (client) => {
        await migratePostgres(client, ordered);
        return addProject(client, project);
      }),
    remove: (project, doing) =>
      withClient(pool, (client) => removeProject(client, { project, doing, ordered })),
  };
}

async function listProjects(client: PostgresClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ project: string }>({
    text: "SELECT project FROM store_projects ORDER BY project",
  });
  return rows.map(({ project }) => project);
}

interface StatusRow {
  readonly server: string;
  readonly allowed: number;
  readonly used: number;
  readonly standby: boolean;
  readonly size: number;
}

const selectStatus = `SELECT current_setting('server_version') AS server,
  current_setting('max_connections')::int AS allowed,
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
  pg_is_in_recovery() AS standby,
  (SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)::float8 FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace) AS size`;

async function readStatus(
  client: PostgresClient,
  migrations: readonly Migration[],
): Promise<DatabaseStatus> {
  const version = await lookAtSchema(client);
  const { rows } = await client.query<StatusRow>({ text: selectStatus });
  const { server = "", allowed = 0, used = 0, standby = false, size = 0 } = rows[0] ?? {};
  return {
    engine: `PostgreSQL ${server}`,
    schemaVersion: version ?? 0,
    knownVersion: latestVersion(migrations),
    pending: migrations
      .filter((step) => step.version > (version ?? 0))
      .map((step) => ({ version: step.version, name: step.name })),
    sizeBytes: size,
    connections: { used, allowed },
    isStandby: standby,
    projects: version === null ? [] : await listProjects(client),
  };
}

interface Removal {
  readonly project: string;
  readonly doing: "count" | "delete";
  readonly ordered: readonly Migration[];
}

/** Under the project's own lock, as every write: whoever works there has either ended before or finds no row to lock afterwards. */
async function removeProject(
  client: PostgresClient,
  { project, doing, ordered }: Removal,
): Promise<number> {
  const values = [project];
  if ((await lookAtSchema(client)) === null) {
    throw new SkeinError(storeErrors.noProject, { facts: { project } });
  }
  await client.query({ text: "BEGIN" });
  try {
    const { rows } = await client.query({
      text: "SELECT project FROM store_projects WHERE project = $1 FOR UPDATE",
      values,
    });
    if (rows.length === 0) {
      throw new SkeinError(storeErrors.noProject, { facts: { project } });
    }
    let count = 0;
    for (const table of tablesOf(ordered)) {
      count += await clearTable(client, table, { project, doing });
    }
    if (doing === "delete") {
      await client.query({ text: "DELETE FROM store_projects WHERE project = $1", values });
    }
    await client.query({ text: "COMMIT" });
    return count;
  } catch (error) {
    await client.query({ text: "ROLLBACK" });
    throw error;
  }
}

async function clearTable(
  client: PostgresClient,
  table: string,
  { project, doing }: Pick<Removal, "project" | "doing">,
): Promise<number> {
  const values = [project];
  if (doing === "delete") {
    const { rowCount } = await client.query({
      text: `DELETE FROM ${table} WHERE project = $1`,
      values,
    });
    return rowCount ?? 0;
  }
  const { rows } = await client.query<{ rows: number }>({
    text: `SELECT count(*)::int AS rows FROM ${table} WHERE project = $1`,
    values,
  });
  return rows[0]?.rows ?? 0;
}

/** Every table of the schema: each begins with its project. */
function tablesOf(migrations: readonly Migration[]): readonly string[] {
  return migrations
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => /^CREATE TABLE (\w+) /u.exec(statement)?.[1] ?? []);
}
