import type { Costs } from "./costs/index.ts";
import {
  decideKpis,
  distributionOf,
  emptyDistribution,
  parallelEfficiency,
} from "./metrics/index.ts";
import type { Kpi, KpiFacts, Metrics, MetricSeries, Stretch } from "./metrics/index.ts";
import type { Plans, TaskAttempt } from "./plans/index.ts";
import type { Finding, Reviews } from "./review/index.ts";
import type { Sessions } from "./sessions/index.ts";
import type { Reader } from "./store/index.ts";

/** Where the figures come from: what was measured, and the facts that are stored anyway. */
export interface InsightParts {
  readonly metrics: Metrics;
  readonly plans: Plans;
  readonly costs: Costs;
  readonly sessions: Sessions;
  readonly reviews: Reviews;
}

/** Judges all KPIs over the time since. */
export async function readKpis(
  parts: InsightParts,
  reader: Reader,
  sinceMs: number,
): Promise<readonly Kpi[]> {
  const attempts = await parts.plans.attemptsSince(reader, sinceMs);
  const stretches = stretchesOf(attempts);
  const findings = await readFindings(parts.reviews, reader, sinceMs);
  return decideKpis({
    ...(await readQuickFacts(parts, reader, sinceMs)),
    steps: stepsOf(attempts),
    efficiency: parallelEfficiency(stretches, { fromMs: sinceMs, toMs: reader.nowMs }),
    workers: new Set(stretches.map(({ worker }) => worker)).size,
    agreements: findings.map((support) => Math.max(support, 1_000 - support) / 1_000),
  });
}

/** When each session had a claim. */
export function stretchesOf(attempts: readonly TaskAttempt[]): readonly Stretch[] {
  return attempts.map(({ session, startedAtMs, endedAtMs }) => ({
    worker: session,
    startedAtMs,
    endedAtMs,
  }));
}

/** Those that are critical: quick enough for the status, since no review is read. */
export async function readAlerts(
  parts: Pick<InsightParts, "metrics" | "plans">,
  reader: Reader,
  sinceMs: number,
): Promise<readonly Kpi[]> {
  const kpis = decideKpis({
    ...(await readQuickFacts(parts, reader, sinceMs)),
    steps: emptyDistribution,
    efficiency: null,
    workers: 0,
    agreements: [],
  });
  return kpis.filter(({ state }) => state === "critical");
}

async function readQuickFacts(
  { metrics, plans }: Pick<InsightParts, "metrics" | "plans">,
  reader: Reader,
  sinceMs: number,
): Promise<Pick<KpiFacts, "done" | "series" | "undone">> {
  const ends = await plans.endsByDay(reader, sinceMs);
  const countWhere = (wanted: boolean): number =>
    ends.filter(({ isDone }) => isDone === wanted).reduce((sum, { count }) => sum + count, 0);
  return {
    series: await metrics.since(reader, sinceMs),
    done: countWhere(true),
    undone: countWhere(false),
  };
}

/** How long submitted attempts took, in milliseconds. */
export function stepsOf(attempts: readonly TaskAttempt[]): KpiFacts["steps"] {
  return distributionOf(
    attempts.flatMap(({ outcome, startedAtMs, endedAtMs }) =>
      outcome === "submitted" && endedAtMs !== null ? [endedAtMs - startedAtMs] : [],
    ),
  );
}

/** How long submitted attempts took, in microseconds, as what was measured is told: by the hour in which they ended. */
export async function readSteps(
  plans: Plans,
  reader: Reader,
  sinceMs: number,
): Promise<Pick<MetricSeries, "hours" | "whole">> {
  const hours = new Map<number, number[]>();
  for (const { outcome, startedAtMs, endedAtMs } of await plans.attemptsSince(reader, sinceMs)) {
    if (outcome === "submitted" && endedAtMs !== null) {
      const hour = Math.floor(endedAtMs / hourMs) * hourMs;
      const tooks = hours.get(hour) ?? [];
      tooks.push((endedAtMs - startedAtMs) * 1_000);
      hours.set(hour, tooks);
    }
  }
  return {
    hours: [...hours].map(([hour, tooks]) => ({
      hourMs: hour,
      distribution: distributionOf(tooks),
    })),
    whole: distributionOf([...hours.values()].flat()),
  };
}

const hourMs = 3_600_000;

/** So many of the newest reviews are read: each is a document of its own. */
const mostReviews = 100;

/**
 * The support, in thousandths, of each finding that at least two reviewers voted on, in reviews that began since a time. What a later review carries
 * over with the votes of the earlier one counts once.
 */
export async function readFindings(
  reviews: Reviews,
  reader: Reader,
  sinceMs: number,
): Promise<readonly number[]> {
  const listed = await reviews.list(reader, mostReviews);
  const votes = new Map<string, Finding>();
  for (const { id, state, startedAtMs } of listed) {
    if (state === "finished" && startedAtMs >= sinceMs) {
      const { result } = await reviews.record(reader, id);
      for (const finding of [...result.findings, ...result.unconfirmed]) {
        votes.set(JSON.stringify([finding.fingerprint, finding.ballots]), finding);
      }
    }
  }
  return [...votes.values()].flatMap(supportOf);
}

function supportOf({ support, ballots }: Finding): readonly number[] {
  const voters = ballots.filter(({ vote }) => vote !== "abstain").length;
  return support === null || voters < 2 ? [] : [support];
}
