import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGit } from "../../adapters/git/index.ts";
import { openProject } from "../../compose.ts";
import type { Skein } from "../../core/index.ts";
import { nobody } from "../../core/dispatch/index.ts";
import type { Caller } from "../../core/dispatch/index.ts";
import { parsePlan } from "../../core/plans/index.ts";
import { measure, timed } from "./measure.ts";
import type { Rate } from "./measure.ts";

export interface BenchOptions {
  /** How long each part runs. */
  readonly seconds: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface BenchReport {
  readonly rates: readonly Rate[];
  readonly rssBytes: number;
  readonly engine: string;
}

/** Measures one process on a store of its own in a temporary repository, which is gone afterwards. */
export async function runBench({ seconds, env }: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), "skein-bench-"));
  try {
    await createGit({ cwd: folder, env }).run(["init", "--quiet"]);
    const { skein } = await openProject({ cwd: folder, env });
    try {
      return await measureAll(skein, seconds);
    } finally {
      await skein.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(skein: Skein, seconds: number): Promise<BenchReport> {
  const callers = await joinMany(skein, seconds);
  const rates = [
    await claims(skein, callers, seconds),
    await leases(skein, callers, seconds),
    await messages(skein, seconds),
  ];
  const { engine } = await skein.store.maintenance.health("quick");
  return { rates, rssBytes: process.memoryUsage().rss, engine };
}

/** For each second; a session may change things 100 times at once and then ten times a second. */
const sessionsASecond = 64;
const tasksASecond = 2_000;
const mostTasks = 20_000;

async function joinMany(skein: Skein, seconds: number): Promise<readonly Caller[]> {
  return skein.store.write(async (tx) => {
    const callers: Caller[] = [];
    for (let at = 0; at < sessionsASecond * seconds; at += 1) {
      const { handle } = await skein.sessions.join(tx, { externalId: `bench:${String(at)}` });
      callers.push({ ...nobody, handle });
    }
    return callers;
  });
}

/** Pick, lease, fence and events in one transaction; handing the task in again is not counted. */
async function claims(skein: Skein, callers: readonly Caller[], seconds: number): Promise<Rate> {
  const plan = {
    plan: "bench",
    title: "Bench",
    verify: "none",
    tasks: Array.from({ length: Math.min(mostTasks, tasksASecond * seconds) }, (_, at) => ({
      id: `T${String(at)}`,
      title: `Task ${String(at)}`,
      files: [`src/part-${String(at)}/**`],
    })),
  };
  const draft = parsePlan({ text: JSON.stringify(plan), format: "json" });
  await skein.dispatch.importPlan(draft, { actor: "system" });
  return measure({
    what: "claims",
    seconds,
    once: (at) => claimOne(skein, callerAt(callers, at)),
  });
}

async function claimOne(skein: Skein, caller: Caller): Promise<number | null> {
  const from = performance.now();
  const { claim } = await skein.dispatch.nextTask({
    caller,
    plan: null,
    task: null,
    waitMs: 0,
    key: null,
    signal: null,
  });
  const ms = performance.now() - from;
  if (claim === null) {
    return null;
  }
  await skein.dispatch.finishTask({
    caller,
    task: `${claim.task.plan}/${claim.task.id}`,
    fence: claim.fence,
    outcome: "submitted",
    summary: "",
    cause: null,
    commit: null,
    usage: [],
    claimNext: false,
    key: null,
  });
  return ms;
}

/** One lease of one path; giving it back is not counted. */
async function leases(skein: Skein, callers: readonly Caller[], seconds: number): Promise<Rate> {
  return measure({
    what: "leases",
    seconds,
    once: async (at) => {
      const caller = callerAt(callers, at);
      const ms = await timed(() =>
        skein.dispatch.claimFiles({
          caller,
          paths: [`docs/page-${String(at)}.md`],
          mode: "exclusive",
          durationMs: null,
          reason: "",
          waitMs: 0,
          origin: "files",
          key: null,
          signal: null,
        }),
      );
      await skein.dispatch.releaseFiles({ caller, leases: [], key: null });
      return ms;
    },
  });
}

function callerAt(callers: readonly Caller[], at: number): Caller {
  return callers[at % callers.length] ?? nobody;
}

const batch = 200;

/** Messages to all, in batches. */
async function messages(skein: Skein, seconds: number): Promise<Rate> {
  const requests = Array.from({ length: batch }, (_, at) => ({
    from: null,
    fromName: "bench",
    actor: "system" as const,
    to: { kind: "all" as const },
    text: `Message ${String(at)}`,
    thread: null,
    expiresInMs: null,
    cause: null,
  }));
  return measure({
    what: "messages",
    seconds,
    weight: batch,
    once: () => timed(() => skein.store.write((tx) => skein.messages.sendBatch(tx, requests))),
  });
}
