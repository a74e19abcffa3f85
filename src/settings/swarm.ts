import type { MicroUsd } from "../core/base/ids.ts";
import type { SettingsFile } from "./schema.ts";

/** How changes are reviewed. */
export interface ReviewSetting {
  /** Null: nobody chose one. */
  readonly preset: "critical" | "balanced" | "fast" | "quick" | null;
  /** From 1 to 20; null: as the preset says. */
  readonly seats: number | null;
  /** The model of each seat; null: mixed by size. */
  readonly panel: readonly string[] | null;
  /** In percent, by severity and by category; what is missing goes by the preset. */
  readonly thresholds: {
    readonly severity: Readonly<Record<string, number>>;
    readonly category: Readonly<Record<string, number>>;
  };
  /** How far the phases may go (requirement A3); tokens are those of answers. */
  readonly limits: {
    readonly generateTokens: number;
    readonly ballotTokens: number;
    readonly candidates: number;
  };
  /** Patterns of paths that no reviewer is shown. */
  readonly exclude: readonly string[];
  /** Patterns of paths that are shown though a built-in rule would skip them. */
  readonly include: readonly string[];
  /** Patterns of paths whose change is a finding of a check. */
  readonly forbiddenPaths: readonly string[];
  /** True: an incomplete review fails the check. */
  readonly required: boolean;
  /** How long kept answers are given again; 0: never. */
  readonly cacheMs: number;
}

/** What may be spent on one of each kind; null: no limit. */
export interface BudgetSettings {
  readonly runMicroUsd: MicroUsd | null;
  readonly taskMicroUsd: MicroUsd | null;
  readonly planMicroUsd: MicroUsd | null;
  readonly pullRequestMicroUsd: MicroUsd | null;
  readonly issueMicroUsd: MicroUsd | null;
  /** The pull requests of one account, on one day. */
  readonly authorDayMicroUsd: MicroUsd | null;
  readonly dayMicroUsd: MicroUsd | null;
  readonly monthMicroUsd: MicroUsd | null;
  /** What retries of one plan may cost. */
  readonly retryMicroUsd: MicroUsd;
}

/** How much runs at once (requirement A10). */
export interface ProfileSetting {
  readonly name: "development" | "staging" | "production";
  /** Tasks of one plan in work. */
  readonly parallelSteps: number;
  readonly reviewers: number;
  /** For each provider that has no cap of its own. */
  readonly requestsPerMinute: number;
}

/** What Skein does by itself when something fails (requirement A11). */
export interface FeatureSettings {
  readonly failover: boolean;
  readonly rateQueue: boolean;
  readonly quickFallback: boolean;
  readonly sequentialFallback: boolean;
}

const profiles: Readonly<Record<ProfileSetting["name"], ProfileSetting>> = {
  development: { name: "development", parallelSteps: 3, reviewers: 4, requestsPerMinute: 10 },
  staging: { name: "staging", parallelSteps: 5, reviewers: 6, requestsPerMinute: 20 },
  production: { name: "production", parallelSteps: 8, reviewers: 10, requestsPerMinute: 50 },
};

export function toProfile(written: SettingsFile["profile"]): ProfileSetting | null {
  return written === undefined ? null : profiles[written];
}

const usualCacheHours = 24;

/** Without a preset, a number of seats or a panel, the profile says how many review. */
export function toReview(
  written: NonNullable<SettingsFile["review"]>,
  profile: ProfileSetting | null,
): ReviewSetting {
  const { preset = null, seats, panel = null, thresholds = {}, required = false } = written;
  const profiled = preset === null && panel === null ? profile : null;
  return {
    preset,
    seats: seats ?? profiled?.reviewers ?? null,
    panel,
    thresholds: toThresholds(thresholds),
    limits: toLimits(written.limits),
    ...toPaths(written),
    required,
    cacheMs: hoursInMs(written.cache_hours),
  };
}

function toPaths({
  exclude = [],
  include = [],
  forbidden_paths: forbiddenPaths = [],
}: NonNullable<SettingsFile["review"]>): Pick<
  ReviewSetting,
  "exclude" | "include" | "forbiddenPaths"
> {
  return { exclude, include, forbiddenPaths };
}

function hoursInMs(hours = usualCacheHours): number {
  return hours * 3_600_000;
}

type Written = NonNullable<NonNullable<SettingsFile["review"]>["thresholds"]>;

function toThresholds({ severity = {}, category = {} }: Written): ReviewSetting["thresholds"] {
  return { severity, category };
}

type WrittenLimits = NonNullable<NonNullable<SettingsFile["review"]>["limits"]>;

function toLimits(written: WrittenLimits = {}): ReviewSetting["limits"] {
  return {
    generateTokens: written.generate_tokens ?? 1_500,
    ballotTokens: written.ballot_tokens ?? 60,
    candidates: written.candidates ?? 20,
  };
}

/** Names of providers by kind of work. */
export interface ChainSettings {
  readonly review: readonly string[];
  readonly plan: readonly string[];
}

export function toChains({
  review = [],
  plan = [],
}: NonNullable<SettingsFile["chains"]>): ChainSettings {
  return { review, plan };
}

const defaultRetryUsd = 2;

export function toBudgets(written: NonNullable<SettingsFile["budgets"]>): BudgetSettings {
  return {
    runMicroUsd: toMicroUsd(written.run_usd),
    taskMicroUsd: toMicroUsd(written.task_usd),
    planMicroUsd: toMicroUsd(written.plan_usd),
    pullRequestMicroUsd: toMicroUsd(written.pull_request_usd),
    issueMicroUsd: toMicroUsd(written.issue_usd),
    authorDayMicroUsd: toMicroUsd(written.author_day_usd),
    dayMicroUsd: toMicroUsd(written.day_usd),
    monthMicroUsd: toMicroUsd(written.month_usd),
    retryMicroUsd: Math.round((written.retry_usd ?? defaultRetryUsd) * 1_000_000),
  };
}

export function toMicroUsd(usd: number | undefined): MicroUsd | null {
  return usd === undefined ? null : Math.round(usd * 1_000_000);
}

export function toFeatures(written: NonNullable<SettingsFile["features"]>): FeatureSettings {
  return {
    failover: written.failover ?? true,
    rateQueue: written.rate_queue ?? true,
    quickFallback: written.quick_fallback ?? true,
    sequentialFallback: written.sequential_fallback ?? true,
  };
}
