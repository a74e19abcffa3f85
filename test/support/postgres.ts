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
}

let places = 0;

/** Makes an empty schema and a pool that works in it. */
export async function createPostgresPlace(url: string): Promise<PostgresPlace> {
  places += 1;
  const schema = `skein_test_${String(process.pid)}_${String(places)}_${String(Date.now())}`;
  await runOnce(url, `CREATE SCHEMA ${schema}`);
  const inSchema = new URL(url);
  const given = inSchema.searchParams.get("options") ?? "";
  inSchema.searchParams.set("options", `${given} -c search_path=${schema}`.trim());
  const pool = await createPostgresPool({ url: inSchema.href, maxConnections: 8 });
  let removed: Promise<void> | null = null;
  const remove = async (): Promise<void> => {
    await pool.end();
    await runOnce(url, `DROP SCHEMA ${schema} CASCADE`);
  };
  return {
    url: inSchema.href,
    pool,
    remove: async () => {
      removed ??= remove();
      await removed;
    },
  };
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
