import { orderMigrations } from "../migrating.ts";
import type { Migration } from "../store.ts";
import { withClient } from "./postgres-client.ts";
import type { PostgresPool } from "./postgres-driver.ts";
import { addProject, migratePostgres } from "./postgres-schema.ts";

/** The projects of one database. */
export interface PostgresProjects {
  /** The names of all projects, in order. */
  list(): Promise<readonly string[]>;
  /** Makes a project; one that is there stays as it is. */
  add(project: string): Promise<void>;
}

/** Brings the schema of a database up to date and looks after its projects. @throws {SkeinError} SKN-71xx, SKN-31xx. */
export async function openPostgresProjects(
  pool: PostgresPool,
  migrations: readonly Migration[],
): Promise<PostgresProjects> {
  const ordered = orderMigrations(migrations);
  await withClient(pool, (client) => migratePostgres(client, ordered));
  return {
    list: () =>
      withClient(pool, async (client) => {
        const { rows } = await client.query<{ project: string }>({
          text: "SELECT project FROM store_projects ORDER BY project",
        });
        return rows.map(({ project }) => project);
      }),
    add: (project) => withClient(pool, (client) => addProject(client, project)),
  };
}
