import type { MicroUsd } from "../core/base/ids.ts";
import type { Settings } from "../settings.ts";
import type { BotContext, BotWishes } from "./context.ts";

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

/** Why no model may be asked: limits are set that only the database knows, and it is away. Null: none is. */
export function unheldLimits(
  { database }: Pick<BotContext, "database">,
  { budgets }: Pick<Settings, "budgets">,
): string | null {
  const limits = {
    author_day_usd: budgets.authorDayMicroUsd,
    day_usd: budgets.dayMicroUsd,
    month_usd: budgets.monthMicroUsd,
  };
  const set = Object.entries(limits).flatMap(([name, limit]) => (limit === null ? [] : [name]));
  return database !== "away" || set.length === 0
    ? null
    : `The database does not answer that knows what ${set.map((name) => `\`${name}\``).join(", ")} leaves: no model is asked until it does.`;
}
