import type { MicroUsd } from "../core/base/ids.ts";
import type { Settings } from "../settings.ts";
import type { BotWishes } from "./context.ts";

/** Where nobody chose a limit: a workflow that was copied must not spend without end. */
const usualPullRequestLimit = 10_000_000;
const usualRunLimit = 2_000_000;

/** What models may cost. */
export interface Limits {
  /** One run: a review or a plan. */
  readonly runLimit: MicroUsd;
  /** All reviews of one pull request. */
  readonly pullRequestLimit: MicroUsd;
}

export function limitsOf(
  { budgetMicroUsd }: Pick<BotWishes, "budgetMicroUsd">,
  { budgets }: Settings,
): Limits {
  return {
    runLimit: budgetMicroUsd ?? budgets.runMicroUsd ?? usualRunLimit,
    pullRequestLimit: budgets.pullRequestMicroUsd ?? usualPullRequestLimit,
  };
}
