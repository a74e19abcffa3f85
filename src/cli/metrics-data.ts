import { isoTime } from "../core/base/iso.ts";
import type { JsonObject } from "../core/base/json.ts";
import { meanOf, percentileOf, relativeError, trendOf } from "../core/metrics/index.ts";
import type { Distribution, MetricUnit, Span } from "../core/metrics/index.ts";
import type { Report, ShownSeries } from "./commands/metrics.ts";
import { usd } from "./views.ts";

/** The metrics for programs: times in milliseconds. */
export function metricsData({ series, span }: Report): JsonObject {
  return {
    relative_error: rounded(relativeError),
    metrics: series.map((each) => seriesData(each, span)),
  };
}

function seriesData({ name, labels, unit, whole, hours }: ShownSeries, span: Span): JsonObject {
  const trend = trendOf({ hours }, span);
  return {
    name,
    labels: { ...labels },
    unit: unit === "us" ? "ms" : "bytes",
    ...figures(whole, unit),
    trend: trend === null ? null : rounded(trend),
    hours: hours.map(({ hourMs, distribution }) => ({
      at: isoTime(hourMs),
      ...figures(distribution, unit),
    })),
  };
}

function figures(distribution: Distribution, unit: MetricUnit): JsonObject {
  const shown = (value: number | null): number =>
    rounded(unit === "us" ? (value ?? 0) / 1_000 : (value ?? 0));
  return {
    count: distribution.count,
    mean: shown(meanOf(distribution)),
    p50: shown(percentileOf(distribution, 0.5)),
    p95: shown(percentileOf(distribution, 0.95)),
    p99: shown(percentileOf(distribution, 0.99)),
    least: shown(distribution.least),
    most: shown(distribution.most),
  };
}

/** What became of the project, for programs. */
export function historyData({ history, costBySize }: Report): JsonObject {
  return {
    days: history.days.map((day) => ({
      day: day.day,
      done: day.done,
      undone: day.undone,
      completion: completionOf(day),
      attempts: day.attempts,
      retries: day.retries,
      step_mean_ms: day.stepMeanMs === null ? null : rounded(day.stepMeanMs),
      step_p95_ms: day.stepP95Ms === null ? null : rounded(day.stepP95Ms),
      parallel_efficiency: day.parallelEfficiency === null ? null : rounded(day.parallelEfficiency),
      model_calls: day.modelCalls,
      usd: usd(day.microUsd),
    })),
    consensus: history.consensus.map((findings, tenth) => ({
      from: tenth * 10,
      to: tenth * 10 + 10,
      findings,
    })),
    cost_by_size: [...costBySize].map(([size, microUsd]) => ({ size, usd: usd(microUsd) })),
    cost_by_tier: history.costByTier.map(({ tier, microUsd }) => ({ tier, usd: usd(microUsd) })),
  };
}

/** The share of tasks done among those that ended, from 0 to 1; null when none did. */
export function completionOf({
  done,
  undone,
}: {
  readonly done: number;
  readonly undone: number;
}): number | null {
  return done + undone === 0 ? null : rounded(done / (done + undone));
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
