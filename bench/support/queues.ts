import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runOn, serverUrl } from "./postgres-scene.ts";

/** How much work, for whom, and how a queue holds it. */
export interface QueueRun {
  /** The folder where the queue's package is installed. */
  readonly installed: string;
  readonly projects: number;
  readonly jobsOfProject: number;
  /** Workers at once, of all projects. */
  readonly clients: number;
  readonly connections: number;
  /** `each`: a list of jobs for each project and workers that take from it alone, as an agent works in one project. `one`: whoever is free takes any job. */
  readonly lists: "each" | "one";
}

/** What the bench uses of graphile-worker. */
interface WorkerPackage {
  run(options: {
    readonly pgPool: unknown;
    readonly schema: string;
    readonly concurrency: number;
    readonly noHandleSignals: boolean;
    readonly logger: unknown;
    readonly taskList: Readonly<Record<string, () => Promise<void>>>;
  }): Promise<{ stop(): Promise<void> }>;
  runMigrations(options: {
    readonly connectionString: string;
    readonly schema: string;
  }): Promise<void>;
  readonly Logger: new (factory: () => () => void) => unknown;
}

/** What the bench uses of pg. */
interface PgPackage {
  readonly default: {
    readonly Pool: new (options: { readonly connectionString: string; readonly max: number }) => {
      on(event: "error", hear: () => void): void;
      on(event: "connect", meet: (client: EventEmitter) => void): void;
      end(): Promise<void>;
    };
  };
}

/**
 * Jobs a second of graphile-worker, which completes each by itself (no batches). Each list is a schema of its own with its runner; a runner keeps one
 * connection to listen on, beyond those that work.
 */
export async function rateOfWorker(run: QueueRun): Promise<number> {
  const worker: WorkerPackage = await load(run.installed, "graphile-worker");
  const pg: PgPackage = await load(run.installed, "pg");
  const lists = listsOf(run);
  return inDatabase("worker", async (url) => {
    for (const { name, jobs } of lists) {
      await worker.runMigrations({ connectionString: url, schema: name });
      await runOn(url, [
        `SELECT ${name}.add_job('noop', json_build_object('n', n), queue_name => NULL) FROM generate_series(1, ${String(jobs)}) AS n`,
      ]);
    }
    await runOn(url, ["ANALYZE"]);
    const counting = countTo(run.projects * run.jobsOfProject);
    const pool = new pg.default.Pool({
      connectionString: url,
      max: run.connections + lists.length,
    });
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    const logger = new worker.Logger(() => () => {});
    const startedMs = performance.now();
    const runners = await Promise.all(
      lists.map(({ name, clients }) =>
        worker.run({
          pgPool: pool,
          schema: name,
          concurrency: clients,
          noHandleSignals: true,
          logger,
          taskList: { noop: async () => counting.count() },
        }),
      ),
    );
    await counting.isOver;
    const seconds = (performance.now() - startedMs) / 1_000;
    await Promise.all(runners.map((runner) => runner.stop()));
    await pool.end();
    return (run.projects * run.jobsOfProject) / seconds;
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

/** Jobs a second of pg-boss, which fetches one at a time. Each list is a queue of its own. */
export async function rateOfBoss(run: QueueRun): Promise<number> {
  const { PgBoss }: BossPackage = await load(run.installed, "pg-boss");
  const lists = listsOf(run);
  return inDatabase("boss", async (url) => {
    const boss = new PgBoss({
      connectionString: url,
      max: run.connections,
      supervise: false,
      schedule: false,
    });
    boss.on("error", (error) => {
      console.error(error);
    });
    await boss.start();
    for (const { name, jobs } of lists) {
      await boss.createQueue(name);
      await insertJobs(boss, name, jobs);
    }
    await runOn(url, ["ANALYZE"]);
    const startedMs = performance.now();
    const done = await Promise.all(
      lists.flatMap(({ name, clients }) =>
        Array.from({ length: clients }, () => workOff(boss, name)),
      ),
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    await boss.stop({ graceful: false });
    return done.reduce((sum, each) => sum + each, 0) / seconds;
  });
}

async function insertJobs(boss: Boss, name: string, jobs: number): Promise<void> {
  for (let from = 0; from < jobs; from += 1_000) {
    const length = Math.min(1_000, jobs - from);
    await boss.insert(
      name,
      Array.from({ length }, (_, at) => ({ data: { n: from + at } })),
    );
  }
}

/** Takes and completes jobs until none is left; gives their number. */
async function workOff(boss: Boss, name: string): Promise<number> {
  for (let done = 0; ; done += 1) {
    const [job] = await boss.fetch(name, { batchSize: 1 });
    if (job === undefined) {
      return done;
    }
    await boss.complete(name, job.id);
  }
}

/** Jobs that wait together, and who takes them. */
interface JobList {
  readonly name: string;
  readonly jobs: number;
  readonly clients: number;
}

function listsOf({ projects, jobsOfProject, clients, lists }: QueueRun): readonly JobList[] {
  if (lists === "one") {
    return [{ name: "jobs", jobs: projects * jobsOfProject, clients }];
  }
  return Array.from({ length: projects }, (_, at) => ({
    name: `jobs_${String(at)}`,
    jobs: jobsOfProject,
    clients: clients / projects,
  }));
}

/** Tells when so many were counted. */
function countTo(all: number): { readonly isOver: Promise<unknown>; count(): void } {
  const over = new EventEmitter();
  let counted = 0;
  return {
    isOver: once(over, "over"),
    count: () => {
      counted += 1;
      if (counted === all) {
        over.emit("over");
      }
    },
  };
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

/** A package of the folder where the peers are installed. */
async function load<T>(folder: string, name: string): Promise<T> {
  const path = createRequire(join(folder, "package.json")).resolve(name);
  const loaded: T = await import(pathToFileURL(path).href);
  return loaded;
}
