import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { runClaimContest } from "./support/contest.ts";

/** Sessions that work at the same time, of one host process each up to eight. */
const sessions = isQuick ? [10, 100] : [1, 10, 50, 100, 200];

/** How long each session thinks between its calls, in milliseconds: 100 sessions then ask for 667 calls a second. */
const thinkMs = 150;

/** A process compiles its code during its first hundred calls, which take three times as long: they are a start and no load. */
const warmUpMs = 6_000;

/** Operations a second, their p99 and the queue, as the number of sessions grows. */
async function main(): Promise<void> {
  const figures: Figure[] = [];
  for (const count of sessions) {
    const processes = Math.min(count, 8);
    const sessionsEach = Math.ceil(count / processes);
    const result = await runClaimContest({
      processes,
      sessionsEach,
      thinkMs: thinkMs / sessionsEach,
      tasks: 60 * count + 500,
      warmUpMs,
      runMs: isQuick ? 2_000 : 4_000,
      fsyncMs: 0,
    });
    const isMeant = count === 100;
    const name = `${String(count)} sessions`;
    figures.push(
      {
        name: `${name}, calls`,
        value: result.perSecond,
        unit: "/s",
        target: isMeant ? atLeast(500) : null,
      },
      {
        name: `${name}, p99`,
        value: result.callP99Ms,
        unit: "ms",
        target: isMeant ? atMost(50) : null,
      },
      { name: `${name}, queue of a process, p95`, value: result.queueP95, unit: "", target: null },
      { name: `${name}, failures`, value: result.failures, unit: "", target: atMost(0) },
    );
  }
  report(figures);
}

await main();
