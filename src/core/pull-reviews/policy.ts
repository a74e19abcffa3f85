import type { MicroUsd } from "../base/ids.ts";
import type { Severity } from "../review/index.ts";

/** When a pull request is reviewed without being asked for. `opened`: once; `pushes`: at every new head, too. */
export type ReviewOn = "never" | "label" | "opened" | "pushes";

/** How pull requests are reviewed, as the default branch's settings say. */
export interface ReviewPolicy {
  readonly on: ReviewOn;
  /** Whether drafts are reviewed without being asked for. */
  readonly drafts: boolean;
  /** Logins of bots whose pull requests are reviewed and whose commands count. */
  readonly allowBots: readonly string[];
  /** Findings of these severities that ask for changes fail the check. Empty: the check is advisory. */
  readonly failOn: readonly Severity[];
  /** True: an incomplete review fails the check. */
  readonly required: boolean;
  /** From 0 to 30. */
  readonly maxComments: number;
  /** Milder findings are only in the summary. */
  readonly severityFloor: Severity;
  /** False: every review posts a summary of its own, for teams that want the mail. */
  readonly sticky: boolean;
  /** What all reviews of one pull request may cost; null: no limit. */
  readonly pullRequestLimit: MicroUsd | null;
  /** What one review may cost at most; a run that was begun and never settled counts as this much. Null: no limit. */
  readonly runLimit: MicroUsd | null;
  /** True: nothing is written to the code host, and no thread of this review is there to point at. */
  readonly isDryRun: boolean;
}

/** The most comments of one review: more are noise. */
export const mostComments = 30;
