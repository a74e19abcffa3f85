import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createPostgresPool } from "../src/core/store/index.ts";
import type { PostgresPool } from "../src/core/store/index.ts";
import { canSlice, createSlice } from "./support/cpu-slice.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { busyShare, machineTime } from "./support/machine-time.ts";
import { claim, createScene, openPostgresStand } from "./support/postgres-scene.ts";
import { rounded } from "./support/statistics.ts";

const claims = isQuick ? 60 : 400;

/** Claims before the clock starts: connections are made and code is compiled. */
const warmUp = isQuick ? 10 : 100;

/** Of a core, what each node and the server's processes that work for it get where the machine is cut into slices: four of them leave a fifth of two cores to the rest. */
const sliceCores = 0.4;

/** What one node reports of its run. */
interface Ran {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What a node tells when it may begin: the server's processes that work for it. */
interface Ready {
  readonly servers: readonly number[];
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
 * machine's cores, so the share of these that was used stands beside it: what is used with one database cannot be used by three more. Where the system
 * lets us, all is run once more with a slice of the machine for each node and its database, as if each stood on a small machine of its own.
 */
async function main(): Promise<void> {
  const whole = await runAll("");
  const sliced = (await canSlice())
    ? await runAll(`, each with ${String(sliceCores)} of a core`)
    : [];
  report([...whole, ...sliced]);
}

/** What is said of each figure tells whether the nodes have slices. */
async function runAll(how: string): Promise<readonly Figure[]> {
  const runs: Run[] = [];
  for (const count of [1, 2, 4]) {
    runs.push(await runOn(count, how !== ""));
  }
  const [one = 1, two = 0, four = 0] = runs.map(({ rate }) => rate);
  return [
    {
      name: `2 databases over 1${how}`,
      value: rounded(two / one),
      unit: "x",
      target: atLeast(1.8),
    },
    {
      name: `4 databases over 1${how}`,
      value: rounded(four / one),
      unit: "x",
      target: atLeast(3.2),
    },
    ...runs.flatMap((run) => figuresOf(run, how)),
  ];
}

function figuresOf({ count, rate, cores, busy }: Run, how: string): readonly Figure[] {
  const on = `${String(count)} ${count === 1 ? "database" : "databases"}${how}`;
  return [
    told(`claims on ${on}`, rate, "/s"),
    told(`cores of ${String(availableParallelism())} that our processes used on ${on}`, cores, ""),
    ...(busy === null ? [] : [told(`share of the whole machine that was busy on ${on}`, busy, "")]),
  ];
}

function told(name: string, value: number, unit: string): Figure {
  return { name, value: rounded(value), unit, target: null };
}

/** All nodes are ready before the first one begins. */
async function runOn(count: number, isSliced: boolean): Promise<Run> {
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, at) =>
      startNode(`${String(count)}_${String(at)}`, isSliced),
    ),
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

async function startNode(name: string, isSliced: boolean): Promise<Node> {
  const flags = [...process.argv.slice(2), `--node=${name}`];
  const child = spawn(process.execPath, [import.meta.filename, ...flags], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  const [ready]: Ready[] = await once(child, "message");
  const slice = isSliced ? createSlice(`skein-bench-${name}`, sliceCores) : null;
  slice?.take([child.pid ?? 0, ...(ready?.servers ?? [])]);
  return {
    run: async () => {
      child.send("go");
      const [ran]: Ran[] = await once(child, "message");
      return ran ?? { seconds: Number.NaN, cpuSeconds: Number.NaN };
    },
    end: async () => {
      child.send("end");
      await gone;
      await slice?.remove();
    },
  };
}

/** One shard: a database, its project, and the process that works on it. */
async function beNode(name: string): Promise<void> {
  const scene = await createScene(warmUp + claims, `shard_${name}`);
  const pool = await createPostgresPool({ url: scene.url, maxConnections: 4 });
  const stand = await openPostgresStand(pool, "base");
  for (const caller of scene.callers.slice(0, warmUp)) {
    await claim(stand, caller);
  }
  const servers = await serversOf(pool);
  await tell({ servers });
  const before = process.cpuUsage();
  const startedMs = performance.now();
  for (const caller of scene.callers.slice(warmUp)) {
    await claim(stand, caller);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  if ((await serversOf(pool)).some((pid) => !servers.includes(pid))) {
    throw new Error("A connection was made while the clock ran: its process has no slice.");
  }
  await tell({ seconds, cpuSeconds: (user + system) / 1e6 });
  await stand.close();
  await pool.end();
  await scene.remove();
  process.disconnect();
}

/** The server's processes that hold this database's connections. */
async function serversOf(pool: PostgresPool): Promise<readonly number[]> {
  const client = await pool.connect();
  const { rows } = await client.query<{ readonly pid: number | string }>({
    text: "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'",
  });
  client.release();
  return rows.map(({ pid }) => Number(pid));
}

/** Tells whoever started this process, and waits for the next word. */
async function tell(message: Ran | Ready): Promise<void> {
  const next = once(process, "message");
  process.send?.(message);
  await next;
}

const node = process.argv.find((word) => word.startsWith("--node="))?.slice("--node=".length);
await (node === undefined ? main() : beNode(node));
