import type { Random } from "../../base/clock.ts";
import { SkeinError } from "../../base/errors.ts";
import { createBackoff } from "../backoff.ts";
import { storeErrors } from "../errors.ts";
import { orderMigrations } from "../migrating.ts";
import type { Maintenance, Migration, Store } from "../store.ts";
import type { TimeSource } from "../time.ts";
import { withClient } from "./postgres-client.ts";
import type { PostgresPool } from "./postgres-driver.ts";
import { createPostgresWriters } from "./postgres-group.ts";
import { untilDone } from "./postgres-patience.ts";
import { addProject, migratePostgres, needProject } from "./postgres-schema.ts";
import { createAttempts } from "./postgres-transactions.ts";
import type { PostgresAttempts } from "./postgres-transactions.ts";

export interface PostgresSettings {
  /** How long a writer waits for its turn, the project's row and a connection, in milliseconds. Default 5,000. */
  readonly waitMs?: number | undefined;
  /** How many writers may wait in this process. Default 100. */
  readonly queueLimit?: number | undefined;
  /** How long the server may work on one statement, in milliseconds. Default 30,000. */
  readonly statementMs?: number | undefined;
}

export interface PostgresStoreOptions {
  /** Opened and closed by the caller, who may share it among projects. */
  readonly pool: PostgresPool;
  readonly project: string;
  /** What to do with a project that the database does not know. Default `add`. */
  readonly unknownProject?: "add" | "refuse" | undefined;
  /** The steps of all modules, in any order. */
  readonly migrations: readonly Migration[];
  /** Only its boot id is used: the time is the server's. */
  readonly time: TimeSource;
  readonly random: Random;
  readonly settings?: PostgresSettings | undefined;
}

/** Opens a project's store on a PostgreSQL server and brings its schema up to date. @throws {SkeinError} SKN-71xx. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { pool, project, time, settings = {}, unknownProject = "add" } = options;
  const { waitMs = 5_000, queueLimit = 100, statementMs = 30_000 } = settings;
  const migrations = orderMigrations(options.migrations);
  await withClient(pool, async (client) => {
    await migratePostgres(client, migrations);
    await (unknownProject === "add" ? addProject : needProject)(client, project);
  });
  const attempts = createAttempts({ pool, project, lockMs: waitMs, statementMs });
  const patience = { backoff: createBackoff(options.random), waitMs };
  const writers = createPostgresWriters(attempts, { patience, limit: queueLimit });
  let isClosed = false;
  const ensureOpen = (): void => {
    if (isClosed) {
      throw new SkeinError(storeErrors.closed, { facts: { project } });
    }
  };
  return {
    dialect: "postgres",
    project,
    bootId: time.bootId,
    read: async (work) => {
      ensureOpen();
      return untilDone(patience, async () => attempts.read(work));
    },
    glance: async (work) => {
      ensureOpen();
      return untilDone(patience, async () => attempts.glance(work));
    },
    write: async (work, first) => {
      ensureOpen();
      return writers.write(work, first);
    },
    load: () => ({ queued: writers.queued(), limit: queueLimit, waits: 0, crowds: 0 }),
    maintenance: createMaintenance(pool, attempts),
    close: async () => {
      isClosed = true;
      await writers.idle();
    },
  };
}

const selectSize = `SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0) AS size
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`;

/** Counts some tables for the planner; none named: all that there are. */
async function analyze(pool: PostgresPool, tables: readonly string[]): Promise<void> {
  const text = `ANALYZE ${tables.join(", ")}`.trimEnd();
  await withClient(pool, async (client) => client.query({ text }));
}

function createMaintenance(pool: PostgresPool, attempts: PostgresAttempts): Maintenance {
  return {
    backup: async () => {
      throw new SkeinError(storeErrors.noBackup);
    },
    tidy: () => analyze(pool, []),
    // The server would count by itself a minute or more later; until then it plans as if the tables were as small as before, and reads whole projects.
    recount: (tables) => analyze(pool, tables),
    health: async () =>
      withClient(pool, async (client) => {
        const server = await client.query<{ server_version: string }>({
          text: "SHOW server_version",
        });
        const outcome = await attempts.read(async (reader) => ({
          size: await reader.get<{ size: number }>(selectSize, []),
          schema: await reader.get<{ version: number }>(
            "SELECT version FROM store_schema WHERE project = ''",
            [],
          ),
        }));
        return {
          ok: outcome.kind === "done",
          problems: outcome.kind === "done" ? [] : ["the server cut the connection"],
          engine: `PostgreSQL ${server.rows[0]?.server_version ?? ""}`,
          schemaVersion: outcome.kind === "done" ? (outcome.result.schema?.version ?? 0) : 0,
          sizeBytes: outcome.kind === "done" ? (outcome.result.size?.size ?? 0) : 0,
        };
      }),
  };
}
