import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { claimRow, rowsMigration } from "./rows.ts";
import type { WriterOrder, WriterResult } from "./rows.ts";

/** One of the competing processes: opens the store, waits for the start, writes until the end, and reports its waits. */
async function compete({
  file,
  index,
  thinkMs,
  warmUpMs,
  runMs,
  synchronous,
}: WriterOrder): Promise<void> {
  const store = await openSqliteStore({
    file,
    project: "bench",
    migrations: [rowsMigration],
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous },
  });
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  const waitsMs: number[] = [];
  let failures = 0;
  await pause(Math.random() * thinkMs);
  const warmMs = performance.now() + warmUpMs;
  const endMs = warmMs + runMs;
  let cpu = process.cpuUsage();
  let isWarm = false;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    if (!isWarm && startMs >= warmMs) {
      isWarm = true;
      waitsMs.length = 0;
      cpu = process.cpuUsage();
    }
    try {
      await store.write(async (tx) => claimRow(tx, index));
      waitsMs.push(performance.now() - startMs);
    } catch {
      failures += 1;
    }
    if (thinkMs > 0) {
      await pause(-Math.log(1 - Math.random()) * thinkMs);
    }
  }
  const used = process.cpuUsage(cpu);
  const result: WriterResult = { waitsMs, failures, cpuMs: (used.user + used.system) / 1_000 };
  await new Promise((resolve) => process.send?.(result, resolve));
  await store.close();
  process.disconnect();
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

process.once("message", (order: WriterOrder) => {
  void compete(order);
});
