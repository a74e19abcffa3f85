import { SkeinError } from "../../core/base/errors.ts";
import { isSkipped, reviewCheck } from "../../core/pull-reviews/index.ts";
import type { PullReviews } from "../../core/pull-reviews/index.ts";
import { isPassing } from "../app/ends.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { mergeOutcomes } from "../dispatch.ts";
import { canAsk, openWorkplace } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";
import { sweepChecks } from "../tasks/checks.ts";
import { withDecomposition } from "../plan/decomposing.ts";
import { toldSync } from "../plan/telling.ts";
import { openReviews } from "./review.ts";
import { judgeEvent } from "./rules.ts";

/** So many pull requests that a webhook was missed of are reviewed in one sweep. */
const mostReviewed = 5;

/**
 * Makes good what no event told: judges all open pull requests again, since leases change without one; reviews heads that were missed; brings
 * plans and their issues in step; makes tasks of checks that fail and closes those of checks that pass again.
 */
export async function handleSchedule(context: BotContext): Promise<HandlerOutcome> {
  return sweep(context, await openWorkplace(context));
}

export async function sweep(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const rules = await judgeEvent(context, place);
  const missed = await reviewMissed(context, place);
  const synced = await syncPlans(context, place);
  const tasks = await sweepChecks(context, place);
  const outcomes = [rules, missed, ...synced, ...(tasks === null ? [] : [tasks])].map(
    (outcome) => ({
      name: "schedule" as const,
      outcome,
    }),
  );
  return mergeOutcomes(outcomes, "There was nothing to do.");
}

async function reviewMissed(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const reviews = openReviews(context, place);
  let [begun, reviewed] = [0, 0];
  for (const pull of await place.host.pulls.open()) {
    context.signal.throwIfAborted();
    const collected = await reviews.collect(pull.number, { kind: "swept" });
    await reviews.learn(collected);
    const isWanted = collected.decision.kind === "review" && canAsk(context, place);
    if (isWanted && begun < mostReviewed && (await isMissed(context, place, pull.head.sha))) {
      begun += 1;
      reviewed += (await reviewOne(context, reviews, pull.number)) ? 1 : 0;
    }
  }
  return plainOutcome("success", `Missed heads that were reviewed: ${String(reviewed)}.`);
}

/**
 * False for a head that was judged: what was incomplete would be bought again with every sweep. A run that broke off is made good, but for the App's, whose
 * own delivery is tried again, and may be at work now.
 */
async function isMissed(
  { bounds }: BotContext,
  { host }: Workplace,
  head: string,
): Promise<boolean> {
  const [last] = await host.checks.list(head, reviewCheck);
  if (last === undefined || isSkipped(last) || last.conclusion === "cancelled") {
    return true;
  }
  return last.conclusion === null && bounds === null;
}

/** One pull request that cannot be reviewed does not keep the others from being looked at. */
async function reviewOne(
  { log, signal }: BotContext,
  reviews: PullReviews,
  number: number,
): Promise<boolean> {
  try {
    return (await reviews.run(number, { kind: "swept" }, signal)).kind !== "skipped";
  } catch (error) {
    if (!(error instanceof SkeinError) || isPassing(error)) {
      throw error;
    }
    log.warn(`#${String(number)} was not reviewed (${error.code}): ${error.why} ${error.fix}`);
    return false;
  }
}

async function syncPlans(
  context: BotContext,
  place: Workplace,
): Promise<readonly HandlerOutcome[]> {
  return withDecomposition(context, place, async (decomposition) => {
    const synced: HandlerOutcome[] = [];
    for (const issue of await decomposition.parents()) {
      context.signal.throwIfAborted();
      try {
        synced.push(toldSync(await decomposition.sync({ issue })));
      } catch (error) {
        if (!(error instanceof SkeinError)) {
          throw error;
        }
        // One broken plan does not keep the others from being looked at.
        context.log.warn(`The plan of #${String(issue)} was not looked at (${error.code}).`);
      }
    }
    return synced;
  });
}
