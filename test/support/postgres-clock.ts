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
  const { connection } = client;
  return {
    ...(connection === undefined ? {} : { connection }),
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
