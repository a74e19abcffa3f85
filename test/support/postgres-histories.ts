import { openPostgresStore } from "../../src/core/store/index.ts";
import type { PostgresPool } from "../../src/core/store/index.ts";
import { createPostgresPlace } from "./postgres.ts";
import type { OpenTestStore } from "./stores.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

type PostgresClient = Awaited<ReturnType<PostgresPool["connect"]>>;

/** One schema in which history after history is lived, each in a project of its own beside those before. */
export interface HistoryPlace {
  /** Opens a new project, whose clock a test turns. */
  readonly open: OpenTestStore;
  /** Removes the schema and all in it. */
  remove(): Promise<void>;
}

/** Makes the schema. It loses its last second when the server crashes: durability is not what a history asks about. */
export async function createHistoryPlace(url: string): Promise<HistoryPlace> {
  const hasty = new URL(url);
  hasty.searchParams.set("options", "-c synchronous_commit=off");
  const place = await createPostgresPlace(hasty.href);
  let histories = 0;
  return {
    open: async ({ migrations, time = createVirtualTime() }) => {
      histories += 1;
      const store = await openPostgresStore({
        pool: turned(place.pool, time),
        project: `history-${String(histories)}`,
        migrations,
        time,
        random: createSeededRandom(histories),
      });
      return { store, time };
    },
    remove: async () => place.remove(),
  };
}

/** Connections on which the server's clock shows the time of a test. Whoever closes the store leaves the pool open. */
function turned(pool: PostgresPool, time: VirtualTime): PostgresPool {
  return {
    connect: async () => turnedClient(await pool.connect(), time),
    end: async () => Promise.resolve(),
  };
}

function turnedClient(client: PostgresClient, time: VirtualTime): PostgresClient {
  return {
    query: async (query) => {
      if (!query.text.includes("clock_timestamp()")) {
        return client.query(query);
      }
      // Under a name the server would keep the first time that it was told.
      const { name: _, ...unnamed } = query;
      const now = `to_timestamp(${String(time.wallMs())} / 1000.0)`;
      return client.query({ ...unnamed, text: query.text.replaceAll("clock_timestamp()", now) });
    },
    release: (isBroken) => {
      client.release(isBroken);
    },
  };
}
