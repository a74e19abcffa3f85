import type { SettingsFile } from "./schema.ts";

type WrittenSeverity = "critical" | "high" | "medium" | "low";

/** What Skein does with GitHub. */
export interface GithubSetting {
  readonly publishOnPush: boolean;
  readonly remote: string;
  /** Logins. */
  readonly allowBots: readonly string[];
  readonly planLabel: string;
  readonly review: PullReviewSetting;
  readonly tasks: EventTaskSetting;
}

/** Which events make tasks. */
export interface EventTaskSetting {
  readonly failingChecks: boolean;
  /** Whole names; empty: all but Skein's own. */
  readonly checks: readonly string[];
  /** Whole names; empty: the default branch. */
  readonly branches: readonly string[];
  /** Paths of plans in the repository. */
  readonly planFiles: readonly string[];
  /** True: what a writer opens is planned without a label. */
  readonly issues: boolean;
  /** The most issues that events have open at once. */
  readonly mostOpen: number;
}

/** How pull requests are reviewed. */
export interface PullReviewSetting {
  readonly on: "never" | "label" | "opened" | "pushes";
  readonly drafts: boolean;
  /** Empty: the check is advice. */
  readonly failOn: readonly WrittenSeverity[];
  readonly maxComments: number;
  readonly severityFloor: WrittenSeverity;
  readonly sticky: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly sarif: boolean;
}

type Written = NonNullable<SettingsFile["github"]>;

export function toGithub({
  publish_on_push: publishOnPush = false,
  remote = "origin",
  allow_bots: allowBots = [],
  plan_label: planLabel = "skein:plan",
  review = {},
  tasks = {},
}: Written): GithubSetting {
  return {
    publishOnPush,
    remote,
    allowBots,
    planLabel,
    review: toPullReview(review),
    tasks: toEventTasks(tasks),
  };
}

function toEventTasks({
  failing_checks: failingChecks = false,
  checks = [],
  branches = [],
  plan_files: planFiles = [],
  issues = false,
  max_open: mostOpen = 10,
}: NonNullable<Written["tasks"]>): EventTaskSetting {
  return { failingChecks, checks, branches, planFiles, issues, mostOpen };
}

function toPullReview({
  on = "pushes",
  drafts = false,
  fail_on: failOn = [],
  max_comments: maxComments = 30,
  severity_floor: severityFloor = "low",
  sticky = true,
  include = [],
  exclude = [],
  sarif = false,
}: NonNullable<Written["review"]>): PullReviewSetting {
  return { on, drafts, failOn, maxComments, severityFloor, sticky, include, exclude, sarif };
}
