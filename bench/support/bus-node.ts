import { createBus } from "../../src/adapters/bus/bus.ts";
import { createPostgresCarrier } from "../../src/adapters/bus/postgres-carrier.ts";
import { createRedisCarrier } from "../../src/adapters/bus/redis-carrier.ts";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createEventFeed, createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Bus, EventFeed, Events } from "../../src/core/events/index.ts";
import { createPostgresPool, openPostgresStore } from "../../src/core/store/index.ts";
import type { Store } from "../../src/core/store/index.ts";

/** `SKEIN_BENCH_POSTGRES` and `SKEIN_BENCH_REDIS` name the servers; default: those of this machine. */
export const postgresUrl =
  process.env["SKEIN_BENCH_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
export const redisUrl = process.env["SKEIN_BENCH_REDIS"] ?? "redis://127.0.0.1:6379";

export type BusKind = "NOTIFY" | "Redis";

/** A store, its log and its bus, as each process has them. */
export interface BusNode {
  readonly store: Store;
  readonly events: Events;
  readonly feed: EventFeed;
  readonly bus: Bus;
  close(): Promise<void>;
}

/** Opens the node of this process; `name` is the schema, the channel and the key of the run. */
export async function openBusNode(kind: BusKind, name: string): Promise<BusNode> {
  const url = new URL(postgresUrl);
  url.searchParams.set("options", `-c search_path=${name}`);
  const pool = await createPostgresPool({ url: url.href, maxConnections: 10 });
  const store = await openPostgresStore({
    pool,
    project: "bench",
    migrations: [eventsMigration],
    time: createTimeSource(),
    random: systemRandom,
  });
  const carrier =
    kind === "NOTIFY"
      ? createPostgresCarrier({ url: postgresUrl, pool, channel: name })
      : createRedisCarrier({ url: redisUrl, key: name });
  const bus = createBus({ carrier });
  const mark = async (): Promise<number> =>
    store.read(async (reader) => (await events.head(reader)).seq);
  const events = createEvents({ doorbell: bus.doorbell({ project: "bench", mark }) });
  return {
    store,
    events,
    feed: createEventFeed({ store, events, timer: systemTimer }),
    bus,
    close: async () => {
      await bus.close();
      await store.close();
      await pool.end();
    },
  };
}

/** Milliseconds of a clock that all processes of this machine share. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
