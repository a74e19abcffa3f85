import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createPostgresPool } from "../src/core/store/index.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import {
  claimAll,
  createScene,
  openPostgresStand,
  runOn,
  serverUrl,
} from "./support/postgres-scene.ts";
import { inFolder } from "./support/stand.ts";
import { rounded } from "./support/statistics.ts";

const projects = 20;
const claims = isQuick ? 60 : 300;
const jobs = projects * claims;

/** How many ask at once: one in each project, and a hundred in all. */
const crowds = [projects, 5 * projects];

/** Connections of each side. */
const connections = 20;

/**
 * The hand-out of work over 20 projects beside queues on the same server: graphile-worker, which completes each job by itself (no batches), and
 * pg-boss, which fetches one at a time, each with as many workers as ours has clients, through as many connections. Ours takes leases, a reservation and an
 * event with each; theirs take a row. They are installed on demand into a temporary folder; `SKEIN_BENCH_QUEUES` names one where they are already.
 */
async function main(): Promise<void> {
  const figures = await inFolder(async (folder) => {
    const installed = process.env["SKEIN_BENCH_QUEUES"] ?? install(folder);
    const all: Figure[] = [];
    for (const clients of crowds) {
      all.push(...(await compare(installed, clients)));
    }
    return all;
  });
  report(figures);
}

async function compare(installed: string, clients: number): Promise<readonly Figure[]> {
  const ours = await rateOfSkein(clients);
  const beside = (name: string, theirs: number): readonly Figure[] => [
    {
      name: `${String(clients)} clients over ${String(projects)} projects, claims over ${name}`,
      value: rounded(ours / theirs),
      unit: "x",
      target: atLeast(1),
    },
    {
      name: `${String(clients)} clients, ${name}`,
      value: rounded(theirs),
      unit: "/s",
      target: null,
    },
  ];
  return [
    ...beside("graphile-worker, unbatched", await rateOfWorker(installed, clients)),
    ...beside("pg-boss, fetch 1", await rateOfBoss(installed, clients)),
    { name: `${String(clients)} clients, Skein`, value: rounded(ours), unit: "/s", target: null },
  ];
}

function install(folder: string): string {
  writeFileSync(join(folder, "package.json"), '{ "name": "queues", "private": true }\n');
  execFileSync(
    "npm",
    [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "graphile-worker@0.17",
      "pg-boss@12",
      "pg@8",
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  return folder;
}

async function rateOfSkein(clients: number): Promise<number> {
  const scene = await createScene(claims, "peers");
  try {
    const names = Array.from({ length: projects }, (_, at) => `peer-${String(at)}`);
    await scene.copy(names);
    const pool = await createPostgresPool({ url: scene.url, maxConnections: connections });
    const stands = await Promise.all(names.map((project) => openPostgresStand(pool, project)));
    const startedMs = performance.now();
    await Promise.all(stands.map((stand) => claimAll(stand, scene.callers, clients / projects)));
    const seconds = (performance.now() - startedMs) / 1_000;
    await Promise.all(stands.map((stand) => stand.close()));
    await pool.end();
    return jobs / seconds;
  } finally {
    await scene.remove();
  }
}

/** A database of a peer's own. */
async function inDatabase<T>(name: string, work: (url: string) => Promise<T>): Promise<T> {
  const database = `skein_bench_${name}_${String(process.pid)}`;
  await runOn(serverUrl, [`CREATE DATABASE ${database}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  try {
    return await work(url.href);
  } finally {
    await dropWhenLeft(database);
  }
}

/** Peers let go of their connections a while after they say that they have. */
async function dropWhenLeft(database: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      await runOn(serverUrl, [`DROP DATABASE ${database}`]);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** What the bench uses of graphile-worker. */
interface WorkerPackage {
  run(options: {
    readonly connectionString: string;
    readonly concurrency: number;
    readonly maxPoolSize: number;
    readonly noHandleSignals: boolean;
    readonly logger: unknown;
    readonly taskList: Readonly<Record<string, () => Promise<void>>>;
  }): Promise<{ stop(): Promise<void> }>;
  runMigrations(options: { readonly connectionString: string }): Promise<void>;
  readonly Logger: new (factory: () => () => void) => unknown;
}

async function rateOfWorker(folder: string, clients: number): Promise<number> {
  const worker: WorkerPackage = await load(folder, "graphile-worker");
  return inDatabase("worker", async (url) => {
    await worker.runMigrations({ connectionString: url });
    await runOn(url, [
      `SELECT graphile_worker.add_job('noop', json_build_object('n', n), queue_name => NULL) FROM generate_series(1, ${String(jobs)}) AS n`,
      "ANALYZE",
    ]);
    let done = 0;
    const over = new EventEmitter();
    const finished = once(over, "over");
    const startedMs = performance.now();
    const runner = await worker.run({
      connectionString: url,
      concurrency: clients,
      maxPoolSize: connections,
      noHandleSignals: true,
      logger: new worker.Logger(() => () => {}),
      taskList: {
        noop: async () => {
          done += 1;
          if (done === jobs) {
            over.emit("over");
          }
        },
      },
    });
    await finished;
    const seconds = (performance.now() - startedMs) / 1_000;
    await runner.stop();
    return jobs / seconds;
  });
}

/** What the bench uses of pg-boss. */
interface BossPackage {
  readonly PgBoss: new (options: Readonly<Record<string, unknown>>) => Boss;
}

interface Boss {
  on(event: "error", hear: (error: unknown) => void): void;
  start(): Promise<unknown>;
  stop(options: Readonly<Record<string, unknown>>): Promise<void>;
  createQueue(name: string): Promise<void>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  fetch(
    name: string,
    options: { readonly batchSize: number },
  ): Promise<readonly { readonly id: string }[]>;
  complete(name: string, id: string): Promise<unknown>;
}

async function rateOfBoss(folder: string, clients: number): Promise<number> {
  const { PgBoss }: BossPackage = await load(folder, "pg-boss");
  return inDatabase("boss", async (url) => {
    const boss = new PgBoss({
      connectionString: url,
      max: connections,
      supervise: false,
      schedule: false,
    });
    boss.on("error", (error) => {
      console.error(error);
    });
    await boss.start();
    await boss.createQueue("noop");
    for (let from = 0; from < jobs; from += 1_000) {
      const count = Math.min(1_000, jobs - from);
      await boss.insert(
        "noop",
        Array.from({ length: count }, (_, at) => ({ data: { n: from + at } })),
      );
    }
    await runOn(url, ["ANALYZE"]);
    let done = 0;
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (;;) {
          const [job] = await boss.fetch("noop", { batchSize: 1 });
          if (job === undefined) {
            return;
          }
          await boss.complete("noop", job.id);
          done += 1;
        }
      }),
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    await boss.stop({ graceful: false });
    return done / seconds;
  });
}

/** A package of the folder where the peers are installed. */
async function load<T>(folder: string, name: string): Promise<T> {
  const path = createRequire(join(folder, "package.json")).resolve(name);
  const loaded: T = await import(pathToFileURL(path).href);
  return loaded;
}

await main();
