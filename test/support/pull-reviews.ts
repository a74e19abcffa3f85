import { systemRandom } from "../../src/adapters/process/clock.ts";
import type { Sign } from "../../src/core/hosting/index.ts";
import { createPullReviews } from "../../src/core/pull-reviews/index.ts";
import type {
  PullReviewAsk,
  PullReviews,
  ReviewPolicy,
} from "../../src/core/pull-reviews/index.ts";
import type { ReviewResult } from "../../src/core/review/index.ts";
import { pullHost } from "./pull-host.ts";
import type { PullBoard } from "./pull-host.ts";
import { aPolicy } from "./pull-policy.ts";
import { aFile, aFinding, aResult } from "./review.ts";

export interface ReviewingOptions {
  /** What the models come to. Default: one finding that asks for changes. */
  readonly result?: Partial<ReviewResult> | undefined;
  readonly policy?: Partial<ReviewPolicy> | undefined;
  readonly sign?: Sign | undefined;
  /** Called when models would be asked. */
  readonly onReview?: ((ask: PullReviewAsk) => unknown) | undefined;
}

/** Reviews on a board, each at a quarter of a dollar. */
export function reviewing(
  board: PullBoard,
  { result = {}, policy = {}, sign, onReview }: ReviewingOptions = {},
): PullReviews {
  return createPullReviews({
    host: pullHost(board),
    policy: aPolicy(policy),
    sign: sign ?? null,
    random: systemRandom,
    review: async (ask) => {
      await onReview?.(ask);
      const found = aResult({ findings: [aFinding()], ...result, head: ask.pull.head.sha });
      const cost = { ...found.cost, microUsd: 250_000 };
      return { result: { ...found, cost }, files: [aFile()], mode: "full" };
    },
    learn: null,
    refuse: null,
  });
}
