import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPostgresPool } from "../src/core/store/index.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { claimAll, createScene, openPostgresStand } from "./support/postgres-scene.ts";
import { rateOfBoss, rateOfWorker } from "./support/queues.ts";
import type { QueueRun } from "./support/queues.ts";
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
 * The hand-out of work over 20 projects beside queues on the same server: graphile-worker and pg-boss, each with as many workers as ours has clients,
 * through as many connections. Ours takes leases, a reservation and an event with each; theirs take a row and complete it. Once their jobs wait in a list for
 * each project, of which its workers take, as ours do; and once all in one, of which any worker takes any job, which is less than ours does. They are
 * installed on demand into a temporary folder; `SKEIN_BENCH_QUEUES` names one where they are already.
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
  // Once before and once after theirs: a machine that others share is not as quick all the time.
  const first = await rateOfSkein(clients);
  const theirs: (readonly [string, number])[] = [];
  for (const lists of ["each", "one"] as const) {
    const run: QueueRun = {
      installed,
      projects,
      jobsOfProject: claims,
      clients,
      connections,
      lists,
    };
    const how = lists === "each" ? "a list for each project" : "one list of all";
    theirs.push(
      [`graphile-worker, unbatched, ${how}`, await rateOfWorker(run)],
      [`pg-boss, fetch 1, ${how}`, await rateOfBoss(run)],
    );
  }
  const ours = (first + (await rateOfSkein(clients))) / 2;
  return [
    ...theirs.flatMap(([name, rate]) => beside({ name, rate, ours, clients })),
    { name: `${String(clients)} clients, Skein`, value: rounded(ours), unit: "/s", target: null },
  ];
}

interface Beside {
  readonly name: string;
  readonly rate: number;
  readonly ours: number;
  readonly clients: number;
}

function beside({ name, rate, ours, clients }: Beside): readonly Figure[] {
  return [
    {
      name: `${String(clients)} clients over ${String(projects)} projects, claims over ${name}`,
      value: rounded(ours / rate),
      unit: "x",
      target: atLeast(1),
    },
    { name: `${String(clients)} clients, ${name}`, value: rounded(rate), unit: "/s", target: null },
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

await main();
