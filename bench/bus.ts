import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { openRedis } from "../src/adapters/bus/redis-client.ts";
import { openBusNode, postgresUrl, redisUrl, sharedMs } from "./support/bus-node.ts";
import type { BusKind, BusNode } from "./support/bus-node.ts";
import type { ReaderTask, ReaderWord } from "./support/bus-reader.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { runOn } from "./support/postgres-scene.ts";
import { quantile, rounded } from "./support/statistics.ts";

const rounds = isQuick ? 50 : 500;
const readers = 20;
const perSecond = 1_000;
const seconds = isQuick ? 2 : 10;

/** The node that reads: a process of its own, for both kinds of bus alike. */
interface ReadingNode {
  readonly seenMs: ReadonlyMap<number, number>;
  ask(task: ReaderTask): void;
  counted(): Promise<number>;
  end(): Promise<void>;
}

async function startReader(kind: BusKind, name: string): Promise<ReadingNode> {
  const path = join(import.meta.dirname, "support", "bus-reader.ts");
  const child: ChildProcess = fork(path, [kind, name]);
  const seenMs = new Map<number, number>();
  const counted = new Promise<number>((resolve, reject) => {
    child.on("message", (word: ReaderWord) => {
      if (word.kind === "seen") {
        seenMs.set(word.seq, word.atMs);
      } else if (word.kind === "counted") {
        resolve(word.count);
      }
    });
    child.once("exit", () => {
      reject(new Error("The reader of the bench ended."));
    });
  });
  counted.catch(() => {});
  // The first word is that it reads.
  await Promise.race([once(child, "message"), counted]);
  return {
    seenMs,
    ask: (task) => {
      child.send(task);
    },
    counted: async () => counted,
    end: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    },
  };
}

const draft = { kind: "a.b", actor: "system", cause: null, data: {}, changes: [] } as const;

async function append({ store, events }: BusNode): Promise<number> {
  return store.write((tx) => events.append(tx, draft));
}

/** From the answer of a write on one node to the event in the hands of a reader on another, in milliseconds. */
async function delays(writer: BusNode, reader: ReadingNode): Promise<readonly number[]> {
  reader.ask({ kind: "tell" });
  await pause(500);
  const committed: { readonly seq: number; readonly atMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const seq = await append(writer);
    committed.push({ seq, atMs: sharedMs() });
    await pause(20);
  }
  await pause(1_500);
  return committed.map(({ seq, atMs }) => (reader.seenMs.get(seq) ?? Number.NaN) - atMs);
}

/** What 20 readers saw of a steady load. */
async function sustain(
  writer: BusNode,
  reader: ReadingNode,
): Promise<{ rate: number; missed: number }> {
  const { seq: from } = await writer.store.read((tx) => writer.events.head(tx));
  const total = perSecond * seconds;
  reader.ask({ kind: "count", readers, from, to: from + total });
  const startMs = performance.now();
  // Batches of ten: the rate of events is asked for, not that of commits, which another bench measures.
  for (let written = 0; written < total; written += 10) {
    await writer.store.write(async (tx) => {
      for (let index = 0; index < 10; index += 1) {
        await writer.events.append(tx, draft);
      }
    });
    const dueMs = startMs + ((written + 10) / perSecond) * 1_000;
    await pause(Math.max(0, dueMs - performance.now()));
  }
  const counted = await reader.counted();
  const took = (performance.now() - startMs) / 1_000;
  return { rate: total / took, missed: total * readers - counted };
}

async function measure(kind: BusKind, p95Ms: number, name: string): Promise<Figure[]> {
  const writer = await openBusNode(kind, name);
  const reader = await startReader(kind, name);
  const took = await delays(writer, reader);
  const { rate, missed } = await sustain(writer, reader);
  await reader.end();
  await writer.close();
  return [
    {
      name: `event on another node over ${kind}, p95`,
      value: rounded(Math.max(0, quantile(took, 0.95))),
      unit: "ms",
      target: atMost(p95Ms),
    },
    { name: "the same, median", value: rounded(quantile(took, 0.5)), unit: "ms", target: null },
    {
      name: `events a second to ${String(readers)} readers over ${kind}`,
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
  await runOn(postgresUrl, [`CREATE SCHEMA ${name}`]);
  try {
    report([...(await measure("NOTIFY", 5, name)), ...(await measure("Redis", 3, name))]);
  } finally {
    await forget(name);
    await runOn(postgresUrl, [`DROP SCHEMA ${name} CASCADE`]);
  }
}

await main();
