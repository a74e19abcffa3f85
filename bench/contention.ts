import { runContest } from "./store/contention.ts";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import { runClaimContest } from "./support/contest.ts";

/** 64 processes on one file, each write flushed: first a transaction of the size of a claim, then real claims. */
async function main(): Promise<void> {
  const base = {
    processes: 64,
    warmUpMs: isQuick ? 2_000 : 4_000,
    runMs: isQuick ? 3_000 : 6_000,
    synchronous: "full",
    fsyncMs: 0,
  } as const;
  const paced = await runContest({ ...base, thinkMs: 50 });
  const flatOut = await runContest({ ...base, thinkMs: 0 });
  const slow = await runClaimContest({
    ...base,
    sessionsEach: 1,
    thinkMs: 1_000,
    tasks: 2_000,
    fsyncMs: 4,
  });
  report([
    figure("50 ms think, p99", paced.p99Ms, atMost(40)),
    figure("50 ms think, worst", paced.worstMs, atMost(150)),
    { name: "flat out", value: flatOut.perSecond, unit: "/s", target: atLeast(1_000) },
    figure("flat out, worst", flatOut.worstMs, atMost(1_000)),
    {
      name: "flat out, slowest process over the mean",
      value: flatOut.slowestOfMean,
      unit: "x",
      target: atLeast(0.5),
    },
    figure("claims, 4 ms more a flush, 1 s think, p99", slow.claimP99Ms, atMost(100)),
    figure("the same, median", slow.claimP50Ms, null),
    { name: "failures", value: failuresOf([paced, flatOut, slow]), unit: "", target: atMost(0) },
  ]);
}

function figure(
  name: string,
  value: number,
  target: ReturnType<typeof atMost> | null,
): Parameters<typeof report>[0][number] {
  return { name, value, unit: "ms", target };
}

function failuresOf(results: readonly { readonly failures: number }[]): number {
  return results.reduce((sum, { failures }) => sum + failures, 0);
}

await main();
