import type { MicroUsd } from "./base/ids.ts";
import type { Totals } from "./costs/index.ts";
import { readFindings, stepsOf, stretchesOf } from "./insight.ts";
import type { InsightParts } from "./insight.ts";
import { meanOf, parallelEfficiency, percentileOf } from "./metrics/index.ts";
import type { MetricSeries, Span, Stretch } from "./metrics/index.ts";
import type { TaskAttempt, TaskEnds } from "./plans/index.ts";
import type { Tier } from "./sessions/index.ts";
import type { Reader } from "./store/index.ts";

/** What became of a project day by day. A day is one of UTC. */
export interface History {
  readonly days: readonly HistoryDay[];
  /** Findings by the reviewers' support: tenths, from 0-10 % to 90-100 %. */
  readonly consensus: readonly number[];
  /** By the provider's id of the model, the dearest first; an empty name: none was told. */
  readonly costByModel: readonly Pick<Totals, "microUsd" | "name">[];
  /** By the tier of the session that spent it; null: no session did. */
  readonly costByTier: readonly TierCost[];
}

export interface HistoryDay {
  /** As 2026-11-20. */
  readonly day: string;
  readonly done: number;
  /** Tasks that failed or were blocked by a failure. */
  readonly undone: number;
  /** Attempts that ended, however. */
  readonly attempts: number;
  /** Those of them that were not their task's first. */
  readonly retries: number;
  /** Of submitted attempts, in milliseconds; null without one. */
  readonly stepMeanMs: number | null;
  readonly stepP95Ms: number | null;
  /** How well its sessions were used, as a share; null with fewer than two. */
  readonly parallelEfficiency: number | null;
  /** Tries of calls to models. */
  readonly modelCalls: number;
  readonly microUsd: MicroUsd;
}

export interface TierCost {
  readonly tier: Tier | null;
  readonly microUsd: MicroUsd;
}

/** Reads the history since a time. */
export async function readHistory(
  parts: InsightParts,
  reader: Reader,
  sinceMs: number,
): Promise<History> {
  const { plans, costs, metrics } = parts;
  const attempts = await plans.attemptsSince(reader, sinceMs);
  const span = { sinceMs };
  const facts: DayFacts = {
    ends: await plans.endsByDay(reader, sinceMs),
    attempts: attempts.filter(({ endedAtMs }) => endedAtMs !== null),
    stretches: stretchesOf(attempts),
    within: { fromMs: sinceMs, toMs: reader.nowMs },
    series: await metrics.since(reader, sinceMs),
    costs: await costs.totals(reader, "day", span),
  };
  const supports = await readFindings(parts.reviews, reader, sinceMs);
  return {
    days: daysOf(facts),
    consensus: tenthsOf(supports),
    costByModel: await costs.totals(reader, "model", span),
    costByTier: await tierCosts(parts, reader, sinceMs),
  };
}

interface DayFacts {
  readonly ends: readonly TaskEnds[];
  /** Ended ones. */
  readonly attempts: readonly TaskAttempt[];
  /** Of all attempts. */
  readonly stretches: readonly Stretch[];
  readonly within: Span;
  readonly series: readonly MetricSeries[];
  readonly costs: readonly Totals[];
}

/** Each day on which something was. */
function daysOf({
  ends,
  attempts,
  stretches,
  within,
  series,
  costs,
}: DayFacts): readonly HistoryDay[] {
  const calls = series
    .filter(({ name }) => name === "model_call")
    .flatMap(({ hours }) => hours)
    .map(({ hourMs, distribution }) => ({ day: dayOf(hourMs), count: distribution.count }));
  const days = new Set([
    ...ends.map(({ day }) => day),
    ...attempts.map(({ endedAtMs }) => dayOf(endedAtMs ?? 0)),
    ...calls.map(({ day }) => day),
    ...costs.map(({ name }) => name),
  ]);
  return [...days].toSorted().map((day) => {
    const ended = attempts.filter(({ endedAtMs }) => dayOf(endedAtMs ?? 0) === day);
    const steps = stepsOf(ended);
    const ofDay = ends.filter((end) => end.day === day);
    return {
      day,
      done: sumOf(ofDay.filter(({ isDone }) => isDone)),
      undone: sumOf(ofDay.filter(({ isDone }) => !isDone)),
      attempts: ended.length,
      retries: ended.filter(({ number }) => number > 1).length,
      stepMeanMs: meanOf(steps),
      stepP95Ms: percentileOf(steps, 0.95),
      parallelEfficiency: parallelEfficiency(stretches, spanOf(day, within)),
      modelCalls: sumOf(calls.filter((call) => call.day === day)),
      microUsd: costs.find(({ name }) => name === day)?.microUsd ?? 0,
    };
  });
}

function sumOf(counted: readonly { readonly count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0);
}

const dayMs = 86_400_000;

/** The part of a day that lies within a time. */
function spanOf(day: string, { fromMs, toMs }: Span): Span {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  return { fromMs: Math.max(startMs, fromMs), toMs: Math.min(startMs + dayMs, toMs) };
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function tenthsOf(supports: readonly number[]): readonly number[] {
  return Array.from(
    { length: 10 },
    (_none, tenth) =>
      supports.filter((support) => Math.min(9, Math.floor(support / 100)) === tenth).length,
  );
}

async function tierCosts(
  { costs, sessions }: InsightParts,
  reader: Reader,
  sinceMs: number,
): Promise<readonly TierCost[]> {
  const known = await sessions.list(reader, "all");
  const tiers = new Map<string, Tier>(known.map(({ id, tier }) => [id, tier]));
  const sums = new Map<Tier | null, number>();
  for (const { name, microUsd } of await costs.totals(reader, "session", { sinceMs })) {
    const tier = tiers.get(name) ?? null;
    sums.set(tier, (sums.get(tier) ?? 0) + microUsd);
  }
  return [...sums]
    .map(([tier, microUsd]) => ({ tier, microUsd }))
    .toSorted((one, other) => other.microUsd - one.microUsd);
}
