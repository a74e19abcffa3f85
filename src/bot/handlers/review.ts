import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemRandom } from "../../adapters/process/clock.ts";
import { isDenied } from "../../core/hosting/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import {
  createPullReviews,
  parsePublication,
  pullReviewErrors,
} from "../../core/pull-reviews/index.ts";
import type {
  PullOutcome,
  PullReviewAsk,
  PullReviews,
  PullReviewsDeps,
  ReviewPolicy,
  Trigger,
} from "../../core/pull-reviews/index.ts";
import { markdownOf, reportJson, sarifOf } from "../../core/review/index.ts";
import { annotationsFor } from "../annotating.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import { isEarly } from "../answering.ts";
import { askOf } from "../asking.ts";
import { learnOutcomes } from "../review/learn.ts";
import { reviewPull } from "../review/review-port.ts";
import { handOn, publish, reserve, think } from "../review/stages.ts";
import type { ReviewWish } from "../review/stages.ts";
import { readVersion } from "../version.ts";
import { openIssueMoney } from "../review/issue-money.ts";
import type { IssueMoney } from "../review/issue-money.ts";
import { limitsOf } from "../limits.ts";
import { runIn } from "../runs.ts";
import { refusalOf } from "../refused.ts";
import { openWorkplace } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** The label that asks for a review. */
export const reviewLabel = "skein:review";

/** Reviews the pull request of an event, in one job or in its part of three. */
export async function handleReview(context: BotContext): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  const place = await openWorkplace(context);
  const trigger = await triggerOf(context, place);
  if (number === null || trigger === null) {
    return plainOutcome("skipped", "This event asks for no review.");
  }
  const outcome = await runReview(context, place, { number, trigger }).catch(gone);
  if (trigger.kind === "labeled" && !isEarly(context.wishes.stage)) {
    await takeLabel(context, place, number);
  }
  return outcome;
}

/** It may have been deleted since the event. */
function gone(error: unknown): HandlerOutcome {
  if (error instanceof SkeinError && error.code === pullReviewErrors.noPull.code) {
    return plainOutcome("skipped", error.message);
  }
  throw error;
}

/** So that the same label asks again. The event of a fork has a token that only reads. */
async function takeLabel({ log }: BotContext, { host }: Workplace, number: number): Promise<void> {
  try {
    await host.issues.removeLabel(number, reviewLabel);
  } catch (error) {
    if (!isDenied(error)) {
      throw error;
    }
    log.info(`The token of this run may not take the label ${reviewLabel} away.`);
  }
}

/** Reviews a pull request in the stage that this job is. */
export async function runReview(
  context: BotContext,
  place: Workplace,
  { number, trigger }: ReviewWish,
): Promise<HandlerOutcome> {
  const money = openIssueMoney(context, place);
  const reviews = openReviews(context, place, money);
  switch (context.wishes.stage) {
    case "all": {
      const outcome = await reviews.run(number, trigger, context.signal);
      await money.note(number, outcome);
      return shown(context, place, outcome);
    }
    case "collect":
      return handOn(context, await reviews.collect(number, trigger), {});
    case "reserve":
      return reserve(context, reviews, await reviews.collect(number, trigger));
    case "think":
      return think(context, reviews, { number, trigger });
    case "publish": {
      const collected = await reviews.collect(number, trigger, runIn(context));
      await money.of(collected.pull);
      await reviews.learn(collected);
      const outcome = await publish(context, reviews, collected);
      await money.note(number, outcome);
      return shown(context, place, outcome);
    }
    default:
      return context.wishes.stage satisfies never;
  }
}

/** Reviews of the repository's pull requests, as its settings and the workflow say. */
export function openReviews(
  context: BotContext,
  place: Workplace,
  money: IssueMoney = openIssueMoney(context, place),
): PullReviews {
  const policy = policyOf(context, place);
  const deps: PullReviewsDeps = {
    host: place.host,
    policy,
    sign: place.sign,
    random: systemRandom,
    refuse: async (pull, spent) =>
      (await refusalOf(context, place)) ?? (await money.refuse(pull, spent)),
    review: async (ask) =>
      reviewPull(context, place, {
        ...ask,
        limit: limitOf(policy, ask),
        issue: await money.share(ask.pull, ask.spentBefore),
      }),
    learn:
      context.isDurable && !context.wishes.isDryRun
        ? async (number, told) => learnOutcomes(context, place, { number, told })
        : null,
  };
  return createPullReviews(deps);
}

/** What one review may cost: the limit of a run, and no more than is left for the pull request. */
function limitOf(
  { runLimit, pullRequestLimit }: ReviewPolicy,
  { spentBefore }: PullReviewAsk,
): MicroUsd | null {
  const left = pullRequestLimit === null ? null : Math.max(0, pullRequestLimit - spentBefore);
  const limits = [runLimit, left].filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

function policyOf({ wishes }: BotContext, { settings }: Workplace): ReviewPolicy {
  const { review, allowBots } = settings.github;
  return {
    on: review.on,
    drafts: review.drafts,
    allowBots,
    failOn: review.failOn,
    required: settings.review.required,
    maxComments: wishes.maxComments ?? review.maxComments,
    severityFloor: wishes.severityFloor ?? review.severityFloor,
    sticky: review.sticky && wishes.isSticky,
    isDryRun: wishes.isDryRun,
    ...limitsOf(wishes, settings),
  };
}

/** What an event asks for; null: nothing. */
async function triggerOf(context: BotContext, place: Workplace): Promise<Trigger | null> {
  const { event } = context;
  if (event.kind === "dispatch") {
    return { kind: "dispatched", ask: await askOf(context, place) };
  }
  if (event.kind !== "pull-request") {
    return null;
  }
  return event.action === "labeled"
    ? labeled(context, place, event.label)
    : (triggers.get(event.action ?? "") ?? null);
}

/** What the events of a pull request ask for by themselves. */
const triggers: ReadonlyMap<string, Trigger> = new Map([
  ["opened", { kind: "opened" }],
  ["reopened", { kind: "opened" }],
  ["ready_for_review", { kind: "ready" }],
  ["synchronize", { kind: "pushed" }],
  // Its base may be another.
  ["edited", { kind: "pushed" }],
]);

async function labeled(
  context: BotContext,
  place: Workplace,
  label: string | null,
): Promise<Trigger | null> {
  return label === reviewLabel ? { kind: "labeled", ask: await askOf(context, place) } : null;
}

async function shown(
  context: BotContext,
  place: Workplace,
  outcome: PullOutcome,
): Promise<HandlerOutcome> {
  if (outcome.kind === "skipped") {
    return plainOutcome("skipped", outcome.why);
  }
  if (outcome.kind === "repeated") {
    const conclusion = outcome.of === "review" ? "success" : "skipped";
    return { ...plainOutcome(conclusion, outcome.why), isTold: true };
  }
  const { result } = parsePublication(outcome.publication);
  const sarif = sarifOf(result, { version: readVersion() });
  const reportPath = join(context.outputDir, "review.json");
  const sarifPath = join(context.outputDir, "review.sarif");
  writeFileSync(reportPath, reportJson(result));
  writeFileSync(sarifPath, JSON.stringify(sarif));
  const facts = {
    summary: markdownOf(result),
    findings: result.findings.length,
    reportPath,
    sarifPath,
    costMicroUsd: result.cost.microUsd,
  };
  if (outcome.kind === "superseded") {
    return {
      ...plainOutcome(
        "neutral",
        "The head moved on, or the pull request was closed, while it was reviewed.",
      ),
      ...facts,
    };
  }
  await uploadSarif(context, place, { sha: result.head ?? "", sarif: JSON.stringify(sarif) });
  const title = `Review: ${String(outcome.comments)} comments, ${result.verdict}.`;
  const conclusion = outcome.conclusion === "cancelled" ? "neutral" : outcome.conclusion;
  const { annotations } = outcome;
  return {
    ...plainOutcome(conclusion, title),
    ...facts,
    annotations: annotationsFor(context, { annotations, hasCheck: true }),
  };
}

async function uploadSarif(
  { event, log }: BotContext,
  { host, settings }: Workplace,
  { sha, sarif }: { readonly sha: string; readonly sarif: string },
): Promise<void> {
  const number = numberOf(event);
  if (!settings.github.review.sarif || number === null) {
    return;
  }
  const ref = `refs/pull/${String(number)}/head`;
  if ((await host.checks.uploadSarif({ sha, ref, sarif })) === "unavailable") {
    log.warn("Code scanning takes no findings here: it is switched off, or not part of the plan.");
  }
}
