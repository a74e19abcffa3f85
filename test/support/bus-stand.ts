import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createEventFeed, createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Bus, EventFeed, Events } from "../../src/core/events/index.ts";
import { openPostgresStore, openSqliteStore } from "../../src/core/store/index.ts";
import type { PostgresPool, Store } from "../../src/core/store/index.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";

/** One process of many, as far as its log and its bus are concerned. */
export interface BusNode {
  readonly store: Store;
  readonly events: Events;
  readonly feed: EventFeed;
  /** Writes events, each in a transaction of its own. */
  write(count: number): Promise<void>;
  /** Follows from the start until an event, and tells what it saw. */
  readTo(seq: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

export async function openPostgresNode(
  pool: PostgresPool,
  bus: Bus,
  project = "demo",
): Promise<BusNode> {
  const store = await openPostgresStore({
    pool,
    project,
    migrations: [eventsMigration],
    time: createVirtualTime(),
    random: createSeededRandom(),
  });
  return nodeOver(store, bus);
}

/** A node over a store in a file, which others may open as well. */
export async function openFileNode(file: string, bus: Bus): Promise<BusNode> {
  const store = await openSqliteStore({
    file,
    project: "demo",
    migrations: [eventsMigration],
    time: createVirtualTime(),
    random: createSeededRandom(),
    settings: { synchronous: "normal" },
  });
  return nodeOver(store, bus);
}

function nodeOver(store: Store, bus: Bus): BusNode {
  const doorbell = bus.doorbell({
    project: store.project,
    mark: async () =>
      store.read(async (reader) => {
        const head = await events.head(reader);
        return head.seq;
      }),
  });
  const events = createEvents({ doorbell });
  const feed = createEventFeed({ store, events, timer: systemTimer });
  return {
    store,
    events,
    feed,
    write: async (count) => {
      for (let index = 0; index < count; index += 1) {
        await store.write((tx) =>
          events.append(tx, {
            kind: "task.claimed",
            actor: "system",
            cause: null,
            data: {},
            changes: [],
          }),
        );
      }
    },
    readTo: async (last) => {
      const seqs: number[] = [];
      for await (const page of feed.follow(0, new AbortController().signal)) {
        seqs.push(...page.map(({ seq }) => seq));
        if ((seqs.at(-1) ?? 0) >= last) {
          break;
        }
      }
      return seqs;
    },
    close: async () => {
      doorbell.close();
      await bus.close();
      await store.close();
    },
  };
}
