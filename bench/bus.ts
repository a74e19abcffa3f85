import { randomBytes } from "node:crypto";
import { createBus } from "../src/adapters/bus/bus.ts";
import type { Carrier } from "../src/adapters/bus/carrier.ts";
import { createPostgresCarrier } from "../src/adapters/bus/postgres-carrier.ts";
import { openRedis } from "../src/adapters/bus/redis-client.ts";
import { createRedisCarrier } from "../src/adapters/bus/redis-carrier.ts";
import { systemRandom, createTimeSource } from "../src/adapters/process/clock.ts";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { createEventFeed, createEvents, eventsMigration } from "../src/core/events/index.ts";
import type { Bus, EventFeed, Events } from "../src/core/events/index.ts";
import { createPostgresPool, openPostgresStore } from "../src/core/store/index.ts";
import type { PostgresPool, Store } from "../src/core/store/index.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { quantile, rounded } from "./support/statistics.ts";

/** `SKEIN_BENCH_POSTGRES` and `SKEIN_BENCH_REDIS` name the servers; default: those of this machine. */
const postgresUrl =
  process.env["SKEIN_BENCH_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const redisUrl = process.env["SKEIN_BENCH_REDIS"] ?? "redis://127.0.0.1:6379";

const rounds = isQuick ? 50 : 500;
const readers = 20;
const perSecond = 1_000;
const seconds = isQuick ? 2 : 10;

/** A store, its log and its bus, as each process has them. */
interface Node {
  readonly store: Store;
  readonly events: Events;
  readonly feed: EventFeed;
  readonly bus: Bus;
}

async function openNode(pool: PostgresPool, carrier: Carrier): Promise<Node> {
  const store = await openPostgresStore({
    pool,
    project: "bench",
    migrations: [eventsMigration],
    time: createTimeSource(),
    random: systemRandom,
  });
  const bus = createBus({ carrier });
  const mark = async (): Promise<number> =>
    store.read(async (reader) => {
      const head = await events.head(reader);
      return head.seq;
    });
  const events = createEvents({ doorbell: bus.doorbell({ project: "bench", mark }) });
  return { store, events, feed: createEventFeed({ store, events, timer: systemTimer }), bus };
}

async function append({ store, events }: Node): Promise<number> {
  return store.write((tx) =>
    events.append(tx, { kind: "a.b", actor: "system", cause: null, data: {}, changes: [] }),
  );
}

/** From the answer of a write on one node to the event in the hands of a reader on another, in milliseconds. */
async function delays(writer: Node, reader: Node): Promise<readonly number[]> {
  const ending = new AbortController();
  const seenMs = new Map<number, number>();
  const following = (async () => {
    for await (const page of reader.feed.follow(0, ending.signal)) {
      const nowMs = performance.now();
      page.forEach(({ seq }) => seenMs.set(seq, nowMs));
    }
  })();
  await pause(500);
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const seq = await append(writer);
    const committedMs = performance.now();
    for (let waited = 0; waited < 200 && (waited < 2 || !seenMs.has(seq)); waited += 1) {
      await pause(10);
    }
    took.push((seenMs.get(seq) ?? Number.POSITIVE_INFINITY) - committedMs);
  }
  ending.abort();
  await following;
  return took;
}

/** What 20 readers saw of a steady load. */
async function sustain(writer: Node, reader: Node): Promise<{ rate: number; missed: number }> {
  const { seq: from } = await writer.store.read((tx) => writer.events.head(tx));
  const total = perSecond * seconds;
  const read = async (): Promise<number> => {
    let [count, next] = [0, from + 1];
    for await (const page of reader.feed.follow(from, new AbortController().signal)) {
      for (const { seq } of page) {
        count += seq === next ? 1 : 0;
        next = seq + 1;
      }
      if (next > from + total) {
        break;
      }
    }
    return count;
  };
  const reading = Array.from({ length: readers }, read);
  const startMs = performance.now();
  // Batches of ten: the rate of events is asked for, not that of commits, which another bench measures.
  for (let written = 0; written < total; written += 10) {
    await writer.store.write(async (tx) => {
      for (let index = 0; index < 10; index += 1) {
        const draft = { kind: "a.b", actor: "system", cause: null, data: {}, changes: [] } as const;
        await writer.events.append(tx, draft);
      }
    });
    const dueMs = startMs + ((written + 10) / perSecond) * 1_000;
    await pause(Math.max(0, dueMs - performance.now()));
  }
  const counts = await Promise.all(reading);
  const took = (performance.now() - startMs) / 1_000;
  return { rate: total / took, missed: total * readers - counts.reduce((sum, n) => sum + n, 0) };
}

interface Kind {
  readonly name: string;
  readonly carrier: () => Carrier;
  readonly p95Ms: number;
}

async function measure(pool: PostgresPool, { name, carrier, p95Ms }: Kind): Promise<Figure[]> {
  const [writer, reader] = [await openNode(pool, carrier()), await openNode(pool, carrier())];
  const took = await delays(writer, reader);
  const { rate, missed } = await sustain(writer, reader);
  await writer.bus.close();
  await reader.bus.close();
  return [
    {
      name: `event on another node over ${name}, p95`,
      value: rounded(Math.max(0, quantile(took, 0.95))),
      unit: "ms",
      target: atMost(p95Ms),
    },
    { name: "the same, median", value: rounded(quantile(took, 0.5)), unit: "ms", target: null },
    {
      name: `events a second to ${String(readers)} readers over ${name}`,
      value: rounded(rate),
      unit: "/s",
      target: atLeast(perSecond * 0.98),
    },
    { name: "the same, missed", value: missed, unit: "", target: atMost(0) },
  ];
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Leaves nothing behind in a Redis that others use. */
async function forget(key: string): Promise<void> {
  const client = await openRedis(redisUrl).catch(() => null);
  await client?.send(["DEL", key]);
  client?.destroy();
}

async function main(): Promise<void> {
  const name = `skein_bench_${randomBytes(4).toString("hex")}`;
  const admin = await createPostgresPool({ url: postgresUrl, maxConnections: 1 });
  const run = async (text: string): Promise<void> => {
    const client = await admin.connect();
    await client.query({ text });
    client.release();
  };
  await run(`CREATE SCHEMA ${name}`);
  const url = new URL(postgresUrl);
  url.searchParams.set("options", `-c search_path=${name}`);
  const pool = await createPostgresPool({ url: url.href, maxConnections: 10 });
  try {
    const postgres = (): Carrier =>
      createPostgresCarrier({ url: postgresUrl, pool, channel: name });
    const redis = (): Carrier => createRedisCarrier({ url: redisUrl, key: name });
    report([
      ...(await measure(pool, { name: "NOTIFY", carrier: postgres, p95Ms: 5 })),
      ...(await measure(pool, { name: "Redis", carrier: redis, p95Ms: 3 })),
    ]);
  } finally {
    await forget(name);
    await pool.end();
    await run(`DROP SCHEMA ${name} CASCADE`);
    await admin.end();
  }
}

await main();
