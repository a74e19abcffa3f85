import { meanOf, mergeDistributions, percentileOf } from "./distribution.ts";
import type { Distribution } from "./distribution.ts";
import { decideKpi } from "./kpi.ts";
import type { Kpi, KpiName, Measured } from "./kpi.ts";
import type { MetricSeries } from "./metrics.ts";

/** What is told by what was measured, and by facts that others keep. */
export interface KpiFacts {
  readonly series: readonly MetricSeries[];
  /** How long steps took, in milliseconds. */
  readonly steps: Distribution;
  /** From 0 to 1; null with fewer than two workers. */
  readonly efficiency: number | null;
  readonly workers: number;
  /** Of each finding that was voted on, the winning side's share, from 0.5 to 1. */
  readonly agreements: readonly number[];
  /** Tasks that ended well, and those that ended otherwise. */
  readonly done: number;
  readonly undone: number;
}

/** Judges all KPIs, in the order of the requirement. */
export function decideKpis(facts: KpiFacts): readonly Kpi[] {
  const measured: Readonly<Record<KpiName, Measured>> = {
    ...stepTimes(facts),
    parallel_efficiency: { value: percent(facts.efficiency), samples: facts.workers },
    consensus_quality: {
      value: percent(meanOfAll(facts.agreements)),
      samples: facts.agreements.length,
    },
    plan_completion: shareOf(facts.done, facts.done + facts.undone),
    ...apiMeasures(facts.series),
    memory: memoryOf(facts.series),
    pool_use: { value: null, samples: 0 },
  };
  return kpiNames.map((name) => decideKpi(name, measured[name]));
}

const kpiNames = [
  "step_time_mean",
  "step_time_p95",
  "parallel_efficiency",
  "consensus_quality",
  "plan_completion",
  "api_success",
  "api_latency",
  "rate_limit_hits",
  "memory",
  "pool_use",
] as const satisfies readonly KpiName[];

function stepTimes({ steps }: KpiFacts): Record<"step_time_mean" | "step_time_p95", Measured> {
  return {
    step_time_mean: { value: seconds(meanOf(steps)), samples: steps.count },
    step_time_p95: { value: seconds(percentileOf(steps, 0.95)), samples: steps.count },
  };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function apiMeasures(
  series: readonly MetricSeries[],
): Record<"api_latency" | "api_success" | "rate_limit_hits", Measured> {
  const calls = series.filter(({ name }) => name === "model_call");
  const where = (isIn: (outcome: string) => boolean): Distribution =>
    mergeDistributions(
      calls.filter(({ labels }) => isIn(labels["outcome"] ?? "")).map(({ whole }) => whole),
    );
  const answered = where((outcome) => outcome === "ok");
  // What we gave up ourselves says nothing of the provider.
  const ended = where((outcome) => outcome !== "aborted");
  const turnedAway = where((outcome) => outcome === "rate_limited");
  const latencyUs = meanOf(answered);
  return {
    api_success: shareOf(answered.count, ended.count),
    api_latency: {
      value: latencyUs === null ? null : latencyUs / 1_000_000,
      samples: answered.count,
    },
    rate_limit_hits: shareOf(turnedAway.count, ended.count),
  };
}

function memoryOf(series: readonly MetricSeries[]): Measured {
  const looks = mergeDistributions(
    series.filter(({ name }) => name === "process_memory").map(({ whole }) => whole),
  );
  return { value: looks.count === 0 ? null : looks.most, samples: looks.count };
}

function shareOf(part: number, whole: number): Measured {
  return { value: whole === 0 ? null : (part / whole) * 100, samples: whole };
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

function meanOfAll(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}
