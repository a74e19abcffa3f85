import { openPostgresStore } from "../../src/core/store/index.ts";
import { createPostgresPlace } from "./postgres.ts";
import { withServerClock } from "./postgres-clock.ts";
import type { OpenTeam } from "./skewed-team.ts";
import { nodeClocks } from "./skewed-team.ts";
import type { OpenTestStore, TestStore, TestStoreOptions } from "./stores.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One schema in which history after history is lived, each in a project of its own beside those before. */
export interface HistoryPlace {
  /** Opens a new project, whose clock a test turns. */
  readonly open: OpenTestStore;
  /** Makes a new project that several nodes open, each with a wall clock that is off. */
  readonly openTeam: OpenTeam;
  /** Removes the schema and all in it. */
  remove(): Promise<void>;
}

/** What one opening of a project is given. */
interface Opening {
  readonly project: string;
  readonly seed: number;
  /** The server's clock, in milliseconds. */
  readonly serverMs: () => number;
  /** The node's own clock. */
  readonly time: VirtualTime;
}

/** Makes the schema. It loses its last second when the server crashes: durability is not what a history asks about. */
export async function createHistoryPlace(url: string): Promise<HistoryPlace> {
  const hasty = new URL(url);
  hasty.searchParams.set("options", "-c synchronous_commit=off");
  const place = await createPostgresPlace(hasty.href);
  let histories = 0;
  const openAs = async (
    { migrations }: TestStoreOptions,
    { project, seed, serverMs, time }: Opening,
  ): Promise<TestStore> => {
    const store = await openPostgresStore({
      pool: withServerClock(place.pool, () => `to_timestamp(${String(serverMs())} / 1000.0)`),
      project,
      migrations,
      time,
      random: createSeededRandom(seed),
      // How long a step takes is no part of a history.
      settings: { waitMs: 60_000 },
    });
    return { store, time };
  };
  const newProject = (): { readonly project: string; readonly seed: number } => {
    histories += 1;
    return { project: `history-${String(histories)}`, seed: histories };
  };
  return {
    open: async (options) => {
      const { time = createVirtualTime() } = options;
      return openAs(options, { ...newProject(), serverMs: steadyClock(time), time });
    },
    openTeam: () => {
      const time = createVirtualTime();
      const { project, seed } = newProject();
      const serverMs = steadyClock(time);
      const clockOfNode = nodeClocks(time);
      return {
        open: async (options) => {
          const node = clockOfNode();
          return openAs(options, {
            project,
            seed: seed * 100 + node.number,
            serverMs,
            time: node.time,
          });
        },
        remove: () => Promise.resolve(),
      };
    },
    remove: async () => place.remove(),
  };
}

/** A server's clock beside a node's: it goes on as that one does, and does not jump with it. */
function steadyClock(time: VirtualTime): () => number {
  const startMs = time.wallMs() - time.monotonicMs();
  return () => startMs + time.monotonicMs();
}
