import { runContest } from "./store/contention.ts";
import type { ContestResult } from "./store/contention.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { runClaimContest } from "./support/contest.ts";
import { runServerContest } from "./support/server-contest.ts";
import type { ClaimContest, ClaimResult } from "./support/contest.ts";

const base = {
  processes: 64,
  warmUpMs: isQuick ? 2_000 : 8_000,
  runMs: isQuick ? 3_000 : 6_000,
  synchronous: "full",
  fsyncMs: 0,
} as const;

/**
 * 64 processes on one file, each write flushed: a transaction of the size of a claim, then claims and their ends as agents make them, each through
 * a server of its own, and, to show what their elected leader is for, as long-lived processes would make them on the file itself.
 */
async function main(): Promise<void> {
  const servers = "claims through servers";
  report([
    ...pacedFigures("rows", await runContest({ ...base, thinkMs: 50 })),
    ...flatOutFigures("rows", await runContest({ ...base, thinkMs: 0 })),
    ...(await claimFigures(servers, runServerContest)),
    ...slowFigures(
      servers,
      await claimsOf(runServerContest, {
        sessionsEach: 1,
        thinkMs: 1_000,
        tasks: 3_000,
        fsyncMs: 4,
      }),
    ),
    ...forComparison(await claimFigures("claims on the file, no leader", runClaimContest)),
  ]);
}

type RunContest = (contest: ClaimContest) => Promise<ClaimResult>;

async function claimFigures(what: string, run: RunContest): Promise<readonly Figure[]> {
  return [
    ...pacedFigures(what, await claimsOf(run, { sessionsEach: 3, thinkMs: 50, tasks: 32_000 })),
    ...flatOutFigures(what, await claimsOf(run, { sessionsEach: 4, thinkMs: 0, tasks: 64_000 })),
  ];
}

/** No session may change things more than ten times a second for long, hence several a process. */
async function claimsOf(
  run: RunContest,
  odd: Pick<ClaimContest, "sessionsEach" | "thinkMs" | "tasks"> & Partial<ClaimContest>,
): Promise<NamedResult> {
  // A hundred calls of each process come before its code is compiled, ten times dearer than later ones.
  const warmUpMs = isQuick ? 8_000 : 16_000;
  const result: ClaimResult = await run({ ...base, warmUpMs, ...odd });
  return { ...result, p50Ms: result.claimP50Ms, p99Ms: result.callP99Ms };
}

type NamedResult = Pick<
  ContestResult,
  "perSecond" | "p50Ms" | "p99Ms" | "worstMs" | "slowestOfMean" | "cpuMsEach" | "failures"
>;

function pacedFigures(what: string, result: NamedResult): readonly Figure[] {
  const name = `${what}, 50 ms think`;
  return [
    figure(`${name}, p99`, result.p99Ms, atMost(40)),
    figure(`${name}, worst`, result.worstMs, atMost(150)),
    { name, value: result.perSecond, unit: "/s", target: null },
    figure(`${name}, processor a call`, result.cpuMsEach, null),
    failures(name, result),
  ];
}

function flatOutFigures(what: string, result: NamedResult): readonly Figure[] {
  const name = `${what}, flat out`;
  return [
    { name, value: result.perSecond, unit: "/s", target: atLeast(1_000) },
    figure(`${name}, worst`, result.worstMs, atMost(1_000)),
    {
      name: `${name}, slowest process over the mean`,
      value: result.slowestOfMean,
      unit: "x",
      target: atLeast(0.5),
    },
    figure(`${name}, processor a call`, result.cpuMsEach, null),
    failures(name, result),
  ];
}

function slowFigures(what: string, result: NamedResult): readonly Figure[] {
  const name = `${what}, 4 ms more a flush, 1 s think`;
  return [
    figure(`${name}, p99`, result.p99Ms, atMost(100)),
    figure(`${name}, median claim`, result.p50Ms, null),
    failures(name, result),
  ];
}

/** No face of Skein has many processes work like this: it shows what the elected leader is for. */
function forComparison(figures: readonly Figure[]): readonly Figure[] {
  return figures.map((each) => (each.name.endsWith("failures") ? each : { ...each, target: null }));
}

function failures(name: string, result: NamedResult): Figure {
  return {
    name: `${name}, failures`,
    value: result.failures,
    unit: "",
    target: atMost(0),
  };
}

function figure(name: string, value: number, target: Figure["target"]): Figure {
  return { name, value, unit: "ms", target };
}

await main();
