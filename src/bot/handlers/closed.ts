import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import { openWorkplace } from "../workplace.ts";
import { openReviews } from "./review.ts";

/** When a pull request is closed, what people did with its findings is learned, and its whole cost told once more in the run. */
export async function handleClosed(context: BotContext): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null) {
    return plainOutcome("skipped", "This event is of no pull request.");
  }
  const reviews = openReviews(context, await openWorkplace(context));
  const { spent } = await reviews.close(number);
  return {
    ...plainOutcome("success", `Its reviews are over.`),
    costMicroUsd: spent,
  };
}
