import type { MicroUsd } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { findBudget } from "./find-budget.ts";
import { exactUsd } from "./pricing.ts";
import { spentIn } from "./spent-in.ts";

/** What retries of one plan may cost where nobody says otherwise: 2 USD. */
export const usualRetryLimit: MicroUsd = 2_000_000;

/** From this share on, in percent, a retry warns. */
const warnPercent = 80;

/** What the second and later attempts of one plan have cost, and may cost. */
export interface RetryMoney {
  readonly spentMicroUsd: MicroUsd;
  readonly limitMicroUsd: MicroUsd;
  /** True when nothing is tried again before a person says so. */
  readonly isUsedUp: boolean;
  /** One sentence, from 80 % on; else null. */
  readonly warning: string | null;
}

/** Tells what a plan's retries have cost. The limit is the budget `retries`, which holds for each plan by itself. */
export async function retryMoney(reader: Reader, plan: string): Promise<RetryMoney> {
  const limit = (await findBudget(reader, "retries"))?.limitMicroUsd ?? usualRetryLimit;
  const spent = await spentIn(reader, `retries:${plan}`);
  return decideRetryMoney({ plan, spent, limit });
}

/** Decides from what was spent and what may be. */
export function decideRetryMoney({
  plan,
  spent,
  limit,
}: {
  readonly plan: string;
  readonly spent: MicroUsd;
  readonly limit: MicroUsd;
}): RetryMoney {
  const isNear = spent * 100 >= limit * warnPercent;
  return {
    spentMicroUsd: spent,
    limitMicroUsd: limit,
    isUsedUp: spent >= limit,
    warning: isNear
      ? `Retries of the plan ${plan} have cost ${exactUsd(spent)} of ${exactUsd(limit)} USD.`
      : null,
  };
}
