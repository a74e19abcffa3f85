import { codeSpan } from "../../core/base/safe-markdown.ts";
import { exactUsd } from "../../core/costs/index.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import type { PullStatus } from "../../core/pull-reviews/index.ts";
import { openReviews } from "../handlers/review.ts";
import type { BotContext } from "../context.ts";
import { numberOf } from "../event.ts";
import { limitsOf } from "../limits.ts";
import type { Workplace } from "../workplace.ts";

/** What Skein knows of the pull request or issue of a comment. */
export interface Status {
  readonly number: number;
  /** Null: it is no pull request. */
  readonly pull: PullStatus | null;
  /** Null: no limit. */
  readonly limit: MicroUsd | null;
  readonly runLimit: MicroUsd | null;
}

export async function collectStatus(context: BotContext, place: Workplace): Promise<Status> {
  const number = numberOf(context.event) ?? 0;
  const { event } = context;
  const isPull =
    event.kind === "review-comment" ||
    (event.kind === "issue-comment" && event.issue.isPullRequest);
  const { pullRequestLimit: limit, runLimit } = limitsOf(context.wishes, place.settings);
  const known = isPull ? await openReviews(context, place).status(number) : null;
  return { number, pull: known, limit, runLimit };
}

export function statusText(status: Status): string {
  const { pull } = status;
  if (pull === null) {
    return "## Skein\n\nWhat is known of this issue's plan stands in the comment with the plan.\n";
  }
  const last = pull.lastReviewed === null ? "none" : codeSpan(pull.lastReviewed, 40);
  return [
    "## Skein",
    "",
    `- Head: ${codeSpan(pull.head, 40)}; last reviewed: ${last}`,
    `- Findings: ${String(pull.open)} open, ${String(pull.declined)} declined`,
    `- Reviews that nobody asks for: ${pull.isPaused ? "paused" : "on, as the settings say"}`,
    moneyLine(status),
    "",
  ].join("\n");
}

export function budgetText(status: Status): string {
  const { runLimit } = status;
  return [
    "## Skein",
    "",
    moneyLine(status),
    `- One review: ${runLimit === null ? "no limit" : `at most ${exactUsd(runLimit)} USD`}`,
    "",
  ].join("\n");
}

function moneyLine({ pull, limit }: Status): string {
  const spent = `${exactUsd(pull?.spent ?? 0)} USD spent here`;
  return limit === null
    ? `- Money: ${spent}, no limit`
    : `- Money: ${spent}, ${exactUsd(Math.max(0, limit - (pull?.spent ?? 0)))} of ${exactUsd(limit)} USD left`;
}
