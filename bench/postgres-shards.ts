import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createPostgresPool } from "../src/core/store/index.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { busyShare, machineTime } from "./support/machine-time.ts";
import { claim, createScene, openPostgresStand } from "./support/postgres-scene.ts";
import { rounded } from "./support/statistics.ts";

const claims = isQuick ? 60 : 400;

/** What one node reports of its run. */
interface Ran {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What all nodes of one run came to. */
interface Run {
  readonly count: number;
  readonly rate: number;
  /** Of this machine's cores, by our own processes. */
  readonly cores: number;
  /** Of all cores' time, by whoever used it, the database too; null where it cannot be told. */
  readonly busy: number | null;
}

/**
 * One project on each of 1, 2 and 4 databases, each worked by one client in a process of its own: how the rate grows with them. They all share this
 * machine's cores, so the share of these that was used stands beside it: what is used with one database cannot be used by three more.
 */
async function main(): Promise<void> {
  const runs: Run[] = [];
  for (const count of [1, 2, 4]) {
    runs.push(await runOn(count));
  }
  const [one = 1, two = 0, four = 0] = runs.map(({ rate }) => rate);
  report([
    { name: "2 databases over 1", value: rounded(two / one), unit: "x", target: atLeast(1.8) },
    { name: "4 databases over 1", value: rounded(four / one), unit: "x", target: atLeast(3.2) },
    ...runs.flatMap(figuresOf),
  ]);
}

function figuresOf({ count, rate, cores, busy }: Run): readonly Figure[] {
  const on = `${String(count)} ${count === 1 ? "database" : "databases"}`;
  return [
    told(`claims on ${on}`, rate, "/s"),
    told(`cores that our processes used on ${on}, of ${String(availableParallelism())}`, cores, ""),
    ...(busy === null ? [] : [told(`share of the whole machine that was busy on ${on}`, busy, "")]),
  ];
}

function told(name: string, value: number, unit: string): Figure {
  return { name, value: rounded(value), unit, target: null };
}

/** All nodes are ready before the first one begins. */
async function runOn(count: number): Promise<Run> {
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, at) => startNode(`${String(count)}_${String(at)}`)),
  );
  const before = machineTime();
  const ran = await Promise.all(nodes.map((node) => node.run()));
  const busy = busyShare(before, machineTime());
  await Promise.all(nodes.map((node) => node.end()));
  const seconds = Math.max(...ran.map((each) => each.seconds));
  const cpuSeconds = ran.reduce((sum, each) => sum + each.cpuSeconds, 0);
  return { count, rate: (count * claims) / seconds, cores: cpuSeconds / seconds, busy };
}

interface Node {
  run(): Promise<Ran>;
  end(): Promise<void>;
}

async function startNode(name: string): Promise<Node> {
  const flags = [...process.argv.slice(2), `--node=${name}`];
  const child = spawn(process.execPath, [import.meta.filename, ...flags], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  await once(child, "message");
  return {
    run: async () => {
      child.send("go");
      const [ran]: Ran[] = await once(child, "message");
      return ran ?? { seconds: Number.NaN, cpuSeconds: Number.NaN };
    },
    end: async () => {
      child.send("end");
      await gone;
    },
  };
}

/** One shard: a database, its project, and the process that works on it. */
async function beNode(name: string): Promise<void> {
  const scene = await createScene(claims, `shard_${name}`);
  const pool = await createPostgresPool({ url: scene.url, maxConnections: 4 });
  const stand = await openPostgresStand(pool, "base");
  await tell("ready");
  const before = process.cpuUsage();
  const startedMs = performance.now();
  for (const caller of scene.callers) {
    await claim(stand, caller);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await tell({ seconds, cpuSeconds: (user + system) / 1e6 });
  await stand.close();
  await pool.end();
  await scene.remove();
  process.disconnect();
}

/** Tells whoever started this process, and waits for the next word. */
async function tell(message: Ran | "ready"): Promise<void> {
  const next = once(process, "message");
  process.send?.(message);
  await next;
}

const node = process.argv.find((word) => word.startsWith("--node="))?.slice("--node=".length);
await (node === undefined ? main() : beNode(node));
