import { SkeinError } from "../core/base/errors.ts";
import { codeSpan } from "../core/base/safe-markdown.ts";
import { isPassing } from "./app/ends.ts";
import type { BotContext, BotStage, HandlerOutcome } from "./context.ts";
import { numberOf } from "./event.ts";
import type { Workplace } from "./workplace.ts";

/** True in a job that is not the last: what it finds, the last one has to tell. */
export function isEarly(stage: BotStage): boolean {
  return stage !== "all" && stage !== "publish";
}

/** Writes a comment where something was asked for. */
export async function say(context: BotContext, { host }: Workplace, text: string): Promise<void> {
  const number = numberOf(context.event);
  if (number !== null) {
    await host.issues.comment(number, `${text}\n`);
  }
}

/** Somebody asked: why nothing came of it belongs where they see it. */
export async function tellOutcome(
  context: BotContext,
  place: Workplace,
  outcome: HandlerOutcome,
): Promise<HandlerOutcome> {
  const isDone = outcome.conclusion === "success" || outcome.findings !== null;
  if (!isDone && !outcome.isTold && !isEarly(context.wishes.stage)) {
    await say(context, place, outcome.title);
  }
  return outcome;
}

/**
 * Says where something was asked for why it failed. False: nothing was said, since this job may not write, or the App tries it again by itself. What
 * cannot be said hides no failure.
 */
export async function tellFailure(
  context: BotContext,
  place: Workplace,
  error: SkeinError,
): Promise<boolean> {
  const { bounds, log } = context;
  if (bounds !== null && isPassing(error)) {
    return false;
  }
  try {
    // Only the entry's own words: messages may quote others.
    await say(
      context,
      place,
      `Skein could not do that (${codeSpan(error.code, 20)}): ${error.why} ${error.fix}`,
    );
    return true;
  } catch (untold) {
    if (!(untold instanceof SkeinError)) {
      throw untold;
    }
    log.warn("The failure could not be told where it was asked for.");
    return false;
  }
}
