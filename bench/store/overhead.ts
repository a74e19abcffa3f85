import { rmSync } from "node:fs";
import { join } from "node:path";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openBetterSqlite, openSqliteStore } from "../../src/core/store/index.ts";
import type { Migration, Store } from "../../src/core/store/index.ts";
import { makeTemporaryDirectory } from "./places.ts";

const table: Migration = {
  version: 1,
  name: "rows",
  statements: [
    "CREATE TABLE rows (project TEXT NOT NULL, id BIGINT NOT NULL, n BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, id))",
  ],
};

const select = "SELECT n, text FROM rows WHERE project = ? AND id = ?";
const update = "UPDATE rows SET n = ?, text = ? WHERE project = ? AND id = ?";
const rows = 1_000;
const statements = 8;

/** What one run of the comparison found. */
export interface Overhead {
  readonly synchronous: "full" | "normal";
  /** Microseconds a transaction of eight statements, by hand and through the store; medians of the rounds. */
  readonly byHandUs: number;
  readonly throughStoreUs: number;
  /** Transactions a second through the store, over those by hand. */
  readonly ratio: number;
}

/** Compares write transactions through the store with the same statements written by hand, in turns on one machine. */
export async function measureOverhead(
  synchronous: "full" | "normal",
  transactions: number,
): Promise<Overhead> {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "skein.db");
  const store = await openSqliteStore({
    file,
    project: "bench",
    migrations: [table],
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous },
  });
  await fill(store);
  const byHand: number[] = [];
  const throughStore: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    byHand.push(runByHand(file, synchronous, transactions));
    throughStore.push(await runThroughStore(store, transactions));
  }
  await store.close();
  rmSync(directory, { recursive: true });
  const [hand, through] = [median(byHand), median(throughStore)];
  return { synchronous, byHandUs: hand, throughStoreUs: through, ratio: hand / through };
}

async function fill(store: Store): Promise<void> {
  await store.write(async (tx) => {
    for (let id = 0; id < rows; id += 1) {
      await tx.run("INSERT INTO rows (project, id, n, text) VALUES (?, ?, ?, ?)", [
        tx.project,
        id,
        0,
        "x".repeat(100),
      ]);
    }
  });
}

function runByHand(file: string, synchronous: string, transactions: number): number {
  const db = openBetterSqlite(file);
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec("PRAGMA cache_size = -65536");
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const get = db.prepare(select);
  const run = db.prepare(update);
  const start = performance.now();
  for (let index = 0; index < transactions; index += 1) {
    begin.run();
    for (let step = 0; step < statements / 2; step += 1) {
      const id = (index * 7 + step * 131) % rows;
      const row = get.get<{ n: number; text: string }>("bench", id);
      run.run((row?.n ?? 0) + 1, row?.text ?? "", "bench", id);
    }
    commit.run();
  }
  const us = ((performance.now() - start) * 1_000) / transactions;
  db.close();
  return us;
}

async function runThroughStore(store: Store, transactions: number): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < transactions; index += 1) {
    await store.write(async (tx) => {
      for (let step = 0; step < statements / 2; step += 1) {
        const id = (index * 7 + step * 131) % rows;
        const row = await tx.get<{ n: number; text: string }>(select, ["bench", id]);
        await tx.run(update, [(row?.n ?? 0) + 1, row?.text ?? "", "bench", id]);
      }
    });
  }
  return ((performance.now() - start) * 1_000) / transactions;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) {
  console.log(await measureOverhead("normal", 3_000));
  console.log(await measureOverhead("full", 1_000));
}
