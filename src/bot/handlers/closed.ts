import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import { openIssueMoney } from "../review/issue-money.ts";
import { openWorkplace } from "../workplace.ts";
import { openReviews } from "./review.ts";

/**
 * When a pull request is closed, what people did with its findings is learned, and its whole cost told once more: in the run, under the issue
 * that it was for, and as what it came to.
 */
export async function handleClosed(context: BotContext): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null) {
    return plainOutcome("skipped", "This event is of no pull request.");
  }
  const place = await openWorkplace(context);
  const money = openIssueMoney(context, place);
  const { spent } = await openReviews(context, place, money).close(number);
  const pull = await place.host.pulls.get(number);
  if (pull !== null) {
    await money.end(pull, spent);
  }
  return {
    ...plainOutcome("success", `Its reviews are over.`),
    costMicroUsd: spent,
  };
}
