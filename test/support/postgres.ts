import { createPostgresPool } from "../../src/core/store/index.ts";
import type { PostgresPool } from "../../src/core/store/index.ts";
import { listensOn } from "./postgres-cluster.ts";

const defaultUrl = "postgres://postgres@127.0.0.1:5432/postgres";

/** The server for tests: `SKEIN_TEST_POSTGRES`, else one that listens on this machine, else null. */
export const postgresUrl: string | null =
  process.env["SKEIN_TEST_POSTGRES"] ?? ((await listensOn(5_432)) ? defaultUrl : null);

/** A schema of its own in the test server. */
export interface PostgresPlace {
  /** The server's address, with the schema. */
  readonly url: string;
  readonly pool: PostgresPool;
  /** Removes the schema and all in it, once. */
  remove(): Promise<void>;
  /** Takes out all rows but the schema's version, and hands the tables on with sessions of their own; null, and removed, where they would not be as new. */
  emptied(): Promise<PostgresPlace | null>;
}

/** After so many rows a table is no longer as small as a new one, and takes longer to read. */
const mostRowsBefore = 2_000;

let places = 0;

/** Makes an empty schema and a pool that works in it. */
export async function createPostgresPlace(url: string): Promise<PostgresPlace> {
  places += 1;
  const schema = `skein_test_${String(process.pid)}_${String(places)}_${String(Date.now())}`;
  await runOnce(url, `CREATE SCHEMA ${schema}`);
  return openPlace(url, { schema, rowsBefore: 0 });
}

interface SchemaPast {
  readonly schema: string;
  /** How many rows were in it and are no longer. */
  readonly rowsBefore: number;
}

async function openPlace(url: string, { schema, rowsBefore }: SchemaPast): Promise<PostgresPlace> {
  const inSchema = new URL(url);
  const given = inSchema.searchParams.get("options") ?? "";
  inSchema.searchParams.set("options", `${given} -c search_path=${schema}`.trim());
  const pool = await createPostgresPool({ url: inSchema.href, maxConnections: 8 });
  let removed: Promise<void> | null = null;
  const remove = async (): Promise<void> => {
    await pool.end();
    await runOnce(url, `DROP SCHEMA ${schema} CASCADE`);
  };
  const place: PostgresPlace = {
    url: inSchema.href,
    pool,
    remove: async () => {
      removed ??= remove();
      await removed;
    },
    emptied: async () => {
      const rows = rowsBefore + (await takeOutRows(pool));
      if (rows > mostRowsBefore) {
        await place.remove();
        return null;
      }
      await pool.end();
      return openPlace(url, { schema, rowsBefore: rows });
    },
  };
  return place;
}

/** Which tables have rows is not known: most have none, and to look costs as much as to delete. A table that the server has counted is planned for as it was. */
async function takeOutRows(pool: PostgresPool): Promise<number> {
  const client = await pool.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; counted: number }>({
      text: `SELECT relname AS name, reltuples AS counted FROM pg_catalog.pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'store_schema'`,
    });
    if (tables.some(({ counted }) => counted > 0)) {
      return Number.POSITIVE_INFINITY;
    }
    // One question for all: `WITH` runs each of its parts, asked for or not.
    const parts = tables.map(({ name }) => `${name}_gone AS (DELETE FROM ${name} RETURNING 1)`);
    const counts = tables.map(({ name }) => `(SELECT count(*) FROM ${name}_gone)`);
    const { rows } = await client.query<{ gone: number }>({
      text: `WITH ${parts.join(", ")} SELECT (${counts.join(" + ")})::int AS gone`,
    });
    return rows[0]?.gone ?? 0;
  } finally {
    client.release();
  }
}

async function runOnce(url: string, text: string): Promise<void> {
  const pool = await createPostgresPool({ url, maxConnections: 1 });
  const client = await pool.connect();
  try {
    await client.query({ text });
  } finally {
    client.release();
    await pool.end();
  }
}
