import { collectStatus, budgetText, statusText } from "./telling.ts";
import { helpText } from "./help.ts";
import { handlePlanWish } from "../handlers/plan.ts";
import { openReviews, runReview } from "../handlers/review.ts";
import { judgeEvent } from "../handlers/rules.ts";
import { say, tellOutcome } from "../answering.ts";
import { askOf } from "../asking.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import type { Workplace } from "../workplace.ts";
import { codeSpan } from "../../core/base/safe-markdown.ts";
import type { User } from "../../core/hosting/index.ts";
import { ignoreLabel } from "../../core/pull-reviews/index.ts";
import type { ClosedThreads } from "../../core/pull-reviews/index.ts";
import type { Command } from "./command.ts";

export interface Obeyed {
  readonly command: Command;
  readonly by: User;
}

/** Does a command of somebody who may give it. */
export async function obey(
  context: BotContext,
  place: Workplace,
  { command, by }: Obeyed,
): Promise<HandlerOutcome> {
  switch (command.kind) {
    case "plan":
      return tellOutcome(context, place, await handlePlanWish(context, place, { kind: "plan" }));
    case "approve": {
      const wish = { kind: "approve", hash: command.hash, by } as const;
      return tellOutcome(context, place, await handlePlanWish(context, place, wish));
    }
    case "review":
      return review(context, place, command);
    case "rules":
      return rules(context, place);
    case "assign":
      return tellOutcome(context, place, await assign(context, place, command.login ?? by.login));
    case "steer":
      return tellOutcome(context, place, await steer(context, place, command.act));
    case "tell":
      return tell(context, place, command.what);
    case "unknown":
      return explain(context, place, command.word);
    default:
      return command satisfies never;
  }
}

/** What is meant for pull requests only. */
function isPull({ event }: BotContext): boolean {
  return (
    event.kind === "review-comment" || (event.kind === "issue-comment" && event.issue.isPullRequest)
  );
}

const noPull = plainOutcome("skipped", "That is for pull requests.");

async function rules(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  return isPull(context) ? judgeEvent(context, place) : tellOutcome(context, place, noPull);
}

async function review(
  context: BotContext,
  place: Workplace,
  { isFull, preset, sha }: Extract<Command, { readonly kind: "review" }>,
): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null || !isPull(context)) {
    return tellOutcome(context, place, noPull);
  }
  const ask = await askOf(context, place, { isFull, preset, sha });
  const outcome = await runReview(context, place, { number, trigger: { kind: "asked", ask } });
  return tellOutcome(context, place, outcome);
}

type Steering = Extract<Command, { readonly kind: "steer" }>["act"];

async function steer(
  context: BotContext,
  place: Workplace,
  kind: Steering,
): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null || !isPull(context)) {
    return noPull;
  }
  const reviews = openReviews(context, place);
  switch (kind) {
    case "ignore":
      await place.host.issues.addLabels(number, [ignoreLabel]);
      return plainOutcome("success", "Skein leaves this pull request alone.");
    case "pause":
    case "resume":
      await reviews.pause(number, kind === "pause");
      return plainOutcome("success", kind === "pause" ? "Paused." : "Resumed.");
    case "resolve":
      return closedOutcome(await reviews.resolve(number));
    default:
      return kind satisfies never;
  }
}

function closedOutcome({ closed, isDenied }: ClosedThreads): HandlerOutcome {
  if (isDenied) {
    const rest = "The token of this run may not close threads: close the rest by hand.";
    return plainOutcome("skipped", `Closed ${String(closed)} threads. ${rest}`);
  }
  return closed === 0
    ? plainOutcome("skipped", "No thread of Skein's is open in which nobody else has written.")
    : plainOutcome("success", `Closed ${String(closed)} threads.`);
}

async function assign(
  context: BotContext,
  { host }: Workplace,
  login: string,
): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null) {
    return plainOutcome("skipped", "There is nothing to assign.");
  }
  const isTaken = await host.issues.assign(number, login);
  return isTaken
    ? plainOutcome("success", `Assigned to ${login}.`)
    : plainOutcome("failure", `GitHub does not let ${login} be assigned here.`);
}

async function tell(
  context: BotContext,
  place: Workplace,
  what: Extract<Command, { readonly kind: "tell" }>["what"],
): Promise<HandlerOutcome> {
  if (what === "help") {
    await say(context, place, helpText);
    return plainOutcome("success", "Told the commands.");
  }
  const status = await collectStatus(context, place);
  await say(context, place, what === "budget" ? budgetText(status) : statusText(status));
  return plainOutcome("success", `Told the ${what}.`);
}

async function explain(
  context: BotContext,
  place: Workplace,
  word: string,
): Promise<HandlerOutcome> {
  await say(context, place, `Skein does not know ${codeSpan(word, 80)}.\n\n${helpText}`);
  return plainOutcome("skipped", "That is no command.");
}
