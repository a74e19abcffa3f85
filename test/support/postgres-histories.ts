import { openPostgresStore } from "../../src/core/store/index.ts";
import { createPostgresPlace } from "./postgres.ts";
import { withServerClock } from "./postgres-clock.ts";
import type { OpenTestStore } from "./stores.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";

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
        pool: withServerClock(place.pool, () => `to_timestamp(${String(time.wallMs())} / 1000.0)`),
        project: `history-${String(histories)}`,
        migrations,
        time,
        random: createSeededRandom(histories),
        // How long a step takes is no part of a history.
        settings: { waitMs: 60_000 },
      });
      return { store, time };
    },
    remove: async () => place.remove(),
  };
}
