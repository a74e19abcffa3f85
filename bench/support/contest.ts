import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { aPlan, aTask, inFolder, joinMany, openStand } from "./stand.ts";
import { slowDisk } from "./slow-disk.ts";
import { quantile, rounded } from "./statistics.ts";

/** Processes that claim and finish tasks of one store. */
export interface ClaimContest {
  readonly processes: number;
  /** How many sessions take turns in each process. */
  readonly sessionsEach: number;
  /** The mean of the pauses between the calls of one process, in milliseconds. */
  readonly thinkMs: number;
  /** Tasks in the plan: more than will be claimed. */
  readonly tasks: number;
  /** How long the processes work before what counts: each has to compile its code, and what queued meanwhile has to be worked off. */
  readonly warmUpMs: number;
  readonly runMs: number;
  /** How much longer each flush to the disk takes, in milliseconds. */
  readonly fsyncMs: number;
}

/** What a process is told. */
export interface ClaimOrder extends ClaimContest {
  readonly file: string;
  readonly handles: readonly string[];
}

/** What a process reports: milliseconds of each claim and each finish, and how many calls of others waited in the store's queue. */
export interface ClaimReport {
  readonly claimMs: readonly number[];
  readonly finishMs: readonly number[];
  readonly queued: readonly number[];
  /** Processor time of all threads while it counted, in milliseconds. */
  readonly cpuMs: number;
  readonly failures: number;
}

/** What came of it. */
export interface ClaimResult {
  /** Claims and finishes a second, each a transaction of its own. */
  readonly perSecond: number;
  readonly claims: number;
  readonly claimP50Ms: number;
  readonly claimP99Ms: number;
  readonly callP99Ms: number;
  readonly worstMs: number;
  /** The calls of the slowest process over the mean. */
  readonly slowestOfMean: number;
  readonly queueP95: number;
  /** Processor time of all processes for one call. */
  readonly cpuMsEach: number;
  readonly failures: number;
}

/** Runs a contest with real processes and the real claim. */
export async function runClaimContest(contest: ClaimContest): Promise<ClaimResult> {
  return inFolder(async (folder) => {
    const file = join(folder, "skein.db");
    const handles = await prepare(file, contest);
    const env =
      contest.fsyncMs > 0 ? { ...process.env, ...slowDisk(folder, contest.fsyncMs) } : process.env;
    const children = Array.from({ length: contest.processes }, () =>
      fork(join(import.meta.dirname, "claimant.ts"), [], { env }),
    );
    const exits = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    await Promise.all(
      children.map(async (child, index) => {
        const from = index * contest.sessionsEach;
        const own = handles.slice(from, from + contest.sessionsEach);
        child.send({ ...contest, file, handles: own } satisfies ClaimOrder);
        await nextMessage(child);
      }),
    );
    const answers = children.map((child) => nextMessage<ClaimReport>(child));
    children.forEach((child) => child.send("start"));
    const reports = await Promise.all(answers);
    await Promise.all(exits);
    return summarise(reports, contest);
  });
}

async function prepare(
  file: string,
  { processes, sessionsEach, tasks }: ClaimContest,
): Promise<readonly string[]> {
  const stand = await openStand({ file, synchronous: "normal" });
  const plan = Array.from({ length: tasks }, (_, at) => aTask(`T${String(at + 1)}`));
  await stand.dispatch.importPlan(aPlan(plan), { actor: "system" });
  const callers = await joinMany(stand, processes * sessionsEach);
  await stand.close();
  return callers.map(({ handle }) => handle ?? "");
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", () => {
      reject(new Error("A competing process ended before its report."));
    });
  });
}

/** What all processes came to. */
export function summarise(reports: readonly ClaimReport[], { runMs }: ClaimContest): ClaimResult {
  const claims = reports.flatMap(({ claimMs }) => claimMs);
  const calls = [...claims, ...reports.flatMap(({ finishMs }) => finishMs)];
  const counts = reports.map(({ claimMs, finishMs }) => claimMs.length + finishMs.length);
  const queued = reports.flatMap((each) => each.queued);
  return {
    perSecond: Math.round((calls.length * 1_000) / runMs),
    claims: claims.length,
    claimP50Ms: rounded(quantile(claims, 0.5)),
    claimP99Ms: rounded(quantile(claims, 0.99)),
    callP99Ms: rounded(quantile(calls, 0.99)),
    worstMs: rounded(quantile(calls, 1)),
    slowestOfMean: rounded(Math.min(...counts) / (calls.length / reports.length)),
    queueP95: quantile(queued, 0.95),
    cpuMsEach: rounded(reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / calls.length),
    failures: reports.reduce((sum, { failures }) => sum + failures, 0),
  };
}
