import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryDirectory } from "./places.ts";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { slowDisk } from "../support/slow-disk.ts";
import { claimRow, rowsMigration } from "./rows.ts";
import type { WriterResult } from "./rows.ts";

/** A contest of processes for one file. */
export interface Contest {
  readonly processes: number;
  readonly thinkMs: number;
  readonly warmUpMs: number;
  readonly runMs: number;
  readonly synchronous: "full" | "normal";
  /** How much longer each fsync takes, in milliseconds. */
  readonly fsyncMs: number;
}

/** What came of it; times in milliseconds from the call of `write` to its answer. */
export interface ContestResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** The writes of the slowest and the fastest process, over the mean. */
  readonly slowestOfMean: number;
  readonly fastestOfMean: number;
  readonly failures: number;
  /** Processor time of all processes for one write. */
  readonly cpuMsEach: number;
}

/** Runs a contest with real processes. */
export async function runContest(contest: Contest): Promise<ContestResult> {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "skein.db");
  const keeper = await warmUp(file);
  const slow = contest.fsyncMs > 0 ? slowDisk(directory, contest.fsyncMs) : {};
  const env = { ...process.env, ...slow };
  const writers = Array.from({ length: contest.processes }, () =>
    fork(join(import.meta.dirname, "writer.ts"), [], { env }),
  );
  const exits = writers.map(
    async (writer) => new Promise((resolve) => writer.once("exit", resolve)),
  );
  await Promise.all(
    writers.map(async (writer, index) => {
      writer.send({ ...contest, file, index });
      await nextMessage(writer);
    }),
  );
  const answers = writers.map(async (writer) => nextMessage<WriterResult>(writer));
  for (const writer of writers) {
    writer.send("start");
  }
  const results = await Promise.all(answers);
  await Promise.all(exits);
  await keeper.close();
  rmSync(directory, { recursive: true });
  return summarise(results, contest);
}

/**
 * Fills the journal once, so that later writes go over old pages: a journal that grows costs the file system ten times as much a
 * flush, which would measure the first seconds of a store's life and no more.
 */
async function warmUp(file: string): Promise<Store> {
  const store = await openSqliteStore({
    file,
    project: "bench",
    migrations: [rowsMigration],
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous: "normal" },
  });
  for (let turn = 0; turn < 1_000; turn += 1) {
    await store.write(async (tx) => claimRow(tx, 1_000 + (turn % 64)));
  }
  return store;
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code, signal) => {
      const how = signal ?? `code ${String(code)}`;
      reject(new Error(`A competing process ended (${how}) before its report.`));
    });
  });
}

function summarise(results: readonly WriterResult[], { runMs }: Contest): ContestResult {
  const waits = results.flatMap(({ waitsMs }) => waitsMs).toSorted((left, right) => left - right);
  const counts = results.map(({ waitsMs }) => waitsMs.length);
  const mean = waits.length / results.length;
  const at = (share: number): number => waits[Math.floor(waits.length * share)] ?? 0;
  return {
    perSecond: Math.round((waits.length * 1_000) / runMs),
    p50Ms: round(at(0.5)),
    p99Ms: round(at(0.99)),
    worstMs: round(waits.at(-1) ?? 0),
    slowestOfMean: round(Math.min(...counts) / mean),
    fastestOfMean: round(Math.max(...counts) / mean),
    cpuMsEach: round(results.reduce((sum, result) => sum + result.cpuMs, 0) / waits.length),
    failures: results.reduce((sum, result) => sum + result.failures, 0),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

if (import.meta.main) {
  const base = {
    processes: 64,
    warmUpMs: 4_000,
    runMs: 6_000,
    synchronous: "full",
    fsyncMs: 0,
  } as const;
  console.log("50 ms think", await runContest({ ...base, thinkMs: 50 }));
  console.log("flat out", await runContest({ ...base, thinkMs: 0 }));
  console.log("4 ms fsync, 1 s think", await runContest({ ...base, thinkMs: 1_000, fsyncMs: 4 }));
}
