import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import { wasPublished } from "../../core/pull-reviews/index.ts";
import type {
  CollectedPull,
  PullOutcome,
  PullReviews,
  Trigger,
} from "../../core/pull-reviews/index.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { shasOf } from "../event.ts";
import { runIn } from "../runs.ts";

/** What is to be reviewed, and why. */
export interface ReviewWish {
  readonly number: number;
  readonly trigger: Trigger;
}

/** So that what is spent counts from now on, whatever becomes of the jobs that follow. */
export async function reserve(
  context: BotContext,
  reviews: PullReviews,
  collected: CollectedPull,
): Promise<HandlerOutcome> {
  if (collected.decision.kind === "skip" || hasMoved(context, collected)) {
    return handOn(context, collected, {});
  }
  const { run } = await reviews.reserve(collected);
  return handOn(context, collected, { run: run?.id ?? null });
}

export async function think(
  context: BotContext,
  reviews: PullReviews,
  { number, trigger }: ReviewWish,
): Promise<HandlerOutcome> {
  const run = runIn(context);
  const collected = await reviews.collect(number, trigger, run);
  if (collected.decision.kind === "skip") {
    return handOn(context, collected, { run, why: collected.decision.why });
  }
  if (hasMoved(context, collected)) {
    return handOn(context, collected, {});
  }
  const thought = await reviews.think(collected, context.signal);
  if (thought.kind === "thought") {
    return handOn(context, collected, { run, publication: thought.publication });
  }
  // A job that fails hands nothing on, and the next one gives the money back and says why.
  context.log.warn(`${thought.error.message} ${thought.why}`);
  return { ...handOn(context, collected, { run, why: thought.why }), title: thought.why };
}

/**
 * What the job before thought; where that asked no model, since it knew less or more than this one, people are told why. A pause that came meanwhile, or
 * money that others have used up, takes back no word that is paid for.
 */
export async function publish(
  context: BotContext,
  reviews: PullReviews,
  collected: CollectedPull,
): Promise<PullOutcome> {
  const { received } = context;
  const given = isLooseObject(received?.payload) ? received.payload : {};
  const [publication, why] = [ownValue(given, "publication"), ownText(given, "why")];
  const handover = received?.hash.slice(0, 16) ?? null;
  if (isNotToSay(collected, publication) && !wasPublished(collected.state, handover)) {
    return reviews.skip(collected);
  }
  if (publication !== undefined || why === null) {
    return reviews.publish(collected, publication, handover);
  }
  return hasMoved(context, collected)
    ? { kind: "skipped", why: movedText(collected) }
    : reviews.giveUp(collected, cleanLine(why, 500), handover);
}

function isNotToSay({ decision }: CollectedPull, publication: unknown): boolean {
  return decision.kind === "skip" && (decision.stops === "all" || publication === undefined);
}

/** True where the event is of a head that is not there any more: the event of the one that is reviews that. */
function hasMoved({ event }: BotContext, { pull }: CollectedPull): boolean {
  const named = shasOf(event);
  return named !== null && named.head !== pull.head.sha;
}

function movedText({ pull }: CollectedPull): string {
  return `The head has moved on to ${pull.head.sha}, which has an event of its own.`;
}

/** What the next job is told; nothing of a head that is not there any more, so that there is no next job. The base of an event may have grown meanwhile. */
export function handOn(
  context: BotContext,
  collected: CollectedPull,
  payload: object,
): HandlerOutcome {
  if (hasMoved(context, collected)) {
    return plainOutcome("skipped", movedText(collected));
  }
  const { pull, decision } = collected;
  const title = decision.kind === "skip" ? decision.why : `To review: ${pull.head.sha}.`;
  const named = shasOf(context.event);
  return {
    ...plainOutcome(decision.kind === "skip" ? "skipped" : "success", title),
    handover: {
      headSha: pull.head.sha,
      baseSha: named?.base ?? pull.base.sha,
      payload: JSON.parse(JSON.stringify(payload)),
    },
  };
}
