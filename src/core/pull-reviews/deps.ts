import type { Random } from "../base/clock.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { CodeHost, PullRequest, Sign } from "../hosting/index.ts";
import type { Finding, PresetName } from "../review/index.ts";
import type { ReviewPolicy } from "./policy.ts";
import type { ReviewedPull } from "./publication.ts";
import type { Told } from "./threads.ts";

/** What a review of a pull request needs to know. */
export interface PullReviewAsk {
  readonly pull: PullRequest;
  /** True: nothing is left out because it was reviewed before. */
  readonly isFull: boolean;
  /** The last head that was reviewed and its base; null: none. What is not an ancestor any more makes the review a full one. */
  readonly lastReviewed: { readonly base: string; readonly head: string } | null;
  readonly previous: readonly Finding[];
  readonly preset: PresetName | null;
  /** What earlier runs for this pull request cost. */
  readonly spentBefore: MicroUsd;
  readonly signal: AbortSignal;
  /** Awaited before each phase of the review: no model is asked before it has answered. Never throws. */
  readonly onPhase: () => Promise<void>;
}

export interface PullReviewsDeps {
  readonly host: CodeHost;
  readonly policy: ReviewPolicy;
  /** Signs what is kept in comments; null: who may write as our account is believed. */
  readonly sign: Sign | null;
  readonly random: Random;
  /** Makes the review: reads the change from local git and asks the models. */
  readonly review: (ask: PullReviewAsk) => Promise<ReviewedPull>;
  /** Why what a pull request is for allows no review of it now; null: it does. Asked only where there would be one. Null: nothing forbids one. */
  readonly refuse: ((pull: PullRequest, spent: MicroUsd) => Promise<string | null>) | null;
  /** Keeps what people did with findings, so that the votes' weights learn; null: there is nowhere to keep it. */
  readonly learn: ((number: number, told: readonly Told[]) => Promise<void>) | null;
}

/** The name of the check. */
export const reviewCheck = "skein/review";
