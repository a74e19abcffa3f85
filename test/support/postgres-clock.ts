import type { PostgresPool } from "../../src/core/store/index.ts";

type PostgresClient = Awaited<ReturnType<PostgresPool["connect"]>>;

/** Connections on which the server's clock shows what `now` says, in SQL, each time that it is asked. */
export function withServerClock(pool: PostgresPool, now: () => string): PostgresPool {
  return {
    connect: async () => turnedClient(await pool.connect(), now),
    end: async () => pool.end(),
  };
}

/** The server's clock, so many times faster since the server was started: the same time for everyone who says the same speed. */
export function fasterClock(speed: number): () => string {
  const start = "pg_postmaster_start_time()";
  return () => `(${start} + (clock_timestamp() - ${start}) * ${String(speed)})`;
}

function turnedClient(client: PostgresClient, now: () => string): PostgresClient {
  return {
    query: async (query) => {
      if (!query.text.includes("clock_timestamp()")) {
        return client.query(query);
      }
      // Under a name the server would keep the first time that it was told.
      const { name: _, ...unnamed } = query;
      return client.query({
        ...unnamed,
        text: query.text.replaceAll("clock_timestamp()", now),
      });
    },
    release: (isBroken) => {
      client.release(isBroken);
    },
  };
}

/**
 * Makes a schema whose clock is so many times faster from now on, also for programs that know nothing of it: names without a schema are looked
 * for there first. The answer is the server's address with that schema.
 */
export async function createFastSchema(
  pool: PostgresPool,
  { url, speed }: { readonly url: string; readonly speed: number },
): Promise<string> {
  const client = await pool.connect();
  const startSeconds = String(Date.now() / 1_000);
  const start = `to_timestamp(${startSeconds})`;
  try {
    await client.query({
      text: `CREATE SCHEMA fast; CREATE FUNCTION fast.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT ${start} + (pg_catalog.clock_timestamp() - ${start}) * ${String(speed)} $$`,
    });
  } finally {
    client.release();
  }
  const fast = new URL(url);
  fast.searchParams.set("options", "-c search_path=fast,pg_catalog");
  return fast.href;
}
