import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createPostgresPool } from "../src/core/store/index.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { claim, createScene, openPostgresStand } from "./support/postgres-scene.ts";
import { rounded } from "./support/statistics.ts";

const claims = isQuick ? 60 : 400;

/** What one node reports of its run. */
interface Ran {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * One project on each of 1, 2 and 4 databases, each worked by a process of its own: how the rate grows with them. All of them share this
 * machine's cores, so the share of them that our own processes used stands beside it.
 */
async function main(): Promise<void> {
  const rates: number[] = [];
  const figures: Figure[] = [];
  for (const count of [1, 2, 4]) {
    const runs = await Promise.all(
      Array.from({ length: count }, async (_, at) => runNode(`${String(count)}_${String(at)}`)),
    );
    const seconds = Math.max(...runs.map((run) => run.seconds));
    const cpuSeconds = runs.reduce((sum, run) => sum + run.cpuSeconds, 0);
    rates.push((count * claims) / seconds);
    figures.push(
      {
        name: `claims on ${String(count)} databases`,
        value: rounded(rates.at(-1) ?? 0),
        unit: "/s",
        target: null,
      },
      {
        name: `cores that our ${String(count)} processes used, of ${String(availableParallelism())}`,
        value: rounded(cpuSeconds / seconds),
        unit: "",
        target: null,
      },
    );
  }
  const [one = 1, two = 0, four = 0] = rates;
  report([
    { name: "2 databases over 1", value: rounded(two / one), unit: "x", target: atLeast(1.8) },
    { name: "4 databases over 1", value: rounded(four / one), unit: "x", target: atLeast(3.2) },
    ...figures,
  ]);
}

async function runNode(name: string): Promise<Ran> {
  const flags = [...process.argv.slice(2), `--node=${name}`];
  const child = spawn(process.execPath, [import.meta.filename, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    said += text;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const ran: Ran = JSON.parse(said);
  return ran;
}

/** One shard: a database, its project, and the process that works on it. */
async function beNode(name: string): Promise<void> {
  const scene = await createScene(claims, `shard_${name}`);
  const pool = await createPostgresPool({ url: scene.url, maxConnections: 4 });
  const stand = await openPostgresStand(pool, "base");
  const before = process.cpuUsage();
  const startedMs = performance.now();
  for (const caller of scene.callers) {
    await claim(stand, caller);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await stand.close();
  await pool.end();
  await scene.remove();
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
}

const node = process.argv.find((word) => word.startsWith("--node="))?.slice("--node=".length);
await (node === undefined ? main() : beNode(node));
