import type { Costs } from "../costs/index.ts";
import type { Reader } from "../store/index.ts";

/** How an attempt's end is told to the plan. */
export interface RetryRule {
  readonly mayRetry: boolean;
  readonly summary: string;
}

/**
 * Decides whether a failed attempt may be tried again by what the plan's retries have cost; where it may not, a person reads why. From 80 % on it
 * is told, to whoever tries next too.
 */
export async function retryRule(
  costs: Costs,
  reader: Reader,
  { plan, summary }: { readonly plan: string; readonly summary: string },
): Promise<RetryRule> {
  const { isUsedUp, warning } = await costs.retryMoney(reader, plan);
  const said = warning === null ? summary : `${summary}\n${warning}`;
  return isUsedUp
    ? {
        mayRetry: false,
        summary: `${said} Nothing of it is tried again by itself; a person can run \`skein task retry\`.`,
      }
    : { mayRetry: true, summary: said };
}
