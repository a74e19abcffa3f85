/** What is held against a target. */
export type KpiName =
  | "step_time_mean"
  | "step_time_p95"
  | "parallel_efficiency"
  | "consensus_quality"
  | "plan_completion"
  | "api_success"
  | "api_latency"
  | "rate_limit_hits"
  | "memory"
  | "pool_use";

export type KpiUnit = "seconds" | "percent" | "bytes";

/** `no-data`: nothing was measured, or too little to judge by. */
export type KpiState = "ok" | "warn" | "critical" | "no-data";

/** Where a value should be, and from where on it alerts. */
export interface KpiTarget {
  readonly title: string;
  readonly unit: KpiUnit;
  /** The value wanted; with `to`, anything from it up to there. */
  readonly bound: "at least" | "at most" | "from";
  readonly target: number;
  readonly to: number | null;
  /** Beyond it, it warns; null: as soon as the target is missed. */
  readonly warn: number | null;
  /** Beyond it, it is critical; null: it never is. */
  readonly critical: number | null;
  /** With fewer samples nothing is judged: a single failure is no rate. */
  readonly leastSamples: number;
  /** What it is computed from, in one sentence. */
  readonly basis: string;
}

const gigabyte = 1_000_000_000;

/** The targets of requirement A12. */
export const kpiTargets: Readonly<Record<KpiName, KpiTarget>> = {
  step_time_mean: {
    title: "Step time, mean",
    unit: "seconds",
    bound: "at most",
    target: 30,
    to: null,
    warn: null,
    critical: null,
    leastSamples: 1,
    basis: "Attempts at tasks that were submitted, from claim to submission.",
  },
  step_time_p95: {
    title: "Step time, p95",
    unit: "seconds",
    bound: "at most",
    target: 60,
    to: null,
    warn: null,
    critical: null,
    leastSamples: 1,
    basis: "Attempts at tasks that were submitted, from claim to submission.",
  },
  parallel_efficiency: {
    title: "Parallel efficiency",
    unit: "percent",
    bound: "at least",
    target: 70,
    to: null,
    warn: 50,
    critical: null,
    leastSamples: 2,
    basis:
      "Sessions that had claims: of the time in which any of them worked, from a session's first claim to the end of its last, the share under a claim of its own.",
  },
  consensus_quality: {
    title: "Consensus quality",
    unit: "percent",
    bound: "at least",
    target: 80,
    to: null,
    warn: 70,
    critical: null,
    leastSamples: 1,
    basis: "Findings that reviewers voted on: the weight of the side that won, of all that voted.",
  },
  plan_completion: {
    title: "Plan completion",
    unit: "percent",
    bound: "at least",
    target: 90,
    to: null,
    warn: null,
    critical: 70,
    leastSamples: 5,
    basis: "Tasks that ended: those done, of those done, failed or blocked by a failure.",
  },
  api_success: {
    title: "API success",
    unit: "percent",
    bound: "at least",
    target: 95,
    to: null,
    warn: null,
    critical: 85,
    leastSamples: 5,
    basis: "Tries of calls to models that were answered, of all that were not given up by us.",
  },
  api_latency: {
    title: "API latency, mean",
    unit: "seconds",
    bound: "at most",
    target: 5,
    to: null,
    warn: null,
    critical: null,
    leastSamples: 1,
    basis: "Tries of calls to models that were answered, without the wait for a rate limit.",
  },
  rate_limit_hits: {
    title: "Rate-limit hits",
    unit: "percent",
    bound: "at most",
    target: 5,
    to: null,
    warn: null,
    critical: 20,
    leastSamples: 5,
    basis: "Tries of calls to models that the provider turned away for its rate limit, of all.",
  },
  memory: {
    title: "Memory, largest process",
    unit: "bytes",
    bound: "at most",
    target: 2.5 * gigabyte,
    to: null,
    warn: null,
    critical: 3 * gigabyte,
    leastSamples: 1,
    basis: "The resident memory of Skein's processes, looked at once a minute while they are used.",
  },
  pool_use: {
    title: "Pool use",
    unit: "percent",
    bound: "from",
    target: 60,
    to: 80,
    warn: 90,
    critical: null,
    leastSamples: 1,
    basis: "There is no pool of workers yet.",
  },
};

/** One KPI, judged. */
export interface Kpi extends KpiTarget {
  readonly name: KpiName;
  /** In its unit; null where nothing was measured. */
  readonly value: number | null;
  readonly state: KpiState;
  readonly isOnTarget: boolean | null;
  /** How many things it was computed from. */
  readonly samples: number;
}

/** A value before it is judged. */
export interface Measured {
  readonly value: number | null;
  readonly samples: number;
}

/** Judges a value by its target. */
export function decideKpi(name: KpiName, { value, samples }: Measured): Kpi {
  const target = kpiTargets[name];
  if (value === null || samples < target.leastSamples) {
    return { ...target, name, value, samples, state: "no-data", isOnTarget: null };
  }
  return { ...target, name, value, samples, ...judge(value, target) };
}

function judge(value: number, goal: KpiTarget): Pick<Kpi, "isOnTarget" | "state"> {
  const { bound, target, to, warn, critical } = goal;
  const isBeyond = (edge: number): boolean => (bound === "at least" ? value < edge : value > edge);
  const isOnTarget =
    bound === "from" ? value >= target && value <= (to ?? target) : !isBeyond(target);
  if (critical !== null && isBeyond(critical)) {
    return { isOnTarget, state: "critical" };
  }
  const isWarned = warn === null ? !isOnTarget : isBeyond(warn);
  return { isOnTarget, state: isWarned ? "warn" : "ok" };
}
