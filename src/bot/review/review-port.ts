import { ensureHistory } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { prepareReview } from "../../compose-review.ts";
import type { ReviewAsk } from "../../compose-review.ts";
import { referenceOf } from "../../core/hosting/index.ts";
import type { PullReviewAsk, ReviewedPull } from "../../core/pull-reviews/index.ts";
import type { OnSwarmEvent, SkipOptions } from "../../core/review/index.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { BotContext } from "../context.ts";
import { botErrors } from "../errors.ts";
import { givenOf } from "../given.ts";
import type { IssueShare } from "./issue-money.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** What is to be reviewed, and with what money. */
export interface BudgetedAsk extends PullReviewAsk {
  /** Of this review; null: what the settings say. */
  readonly limit: MicroUsd | null;
  /** Null: it is for no issue that is known. */
  readonly issue: IssueShare | null;
}

/**
 * Makes the review of a pull request in the job's checkout: fetches what the change needs without checking anything out, and asks the models
 * that the default branch names.
 *
 * @throws {SkeinError} SKN-5942 without a checkout, and as `prepareReview`.
 */
export async function reviewPull(
  context: BotContext,
  place: Workplace,
  ask: BudgetedAsk,
): Promise<ReviewedPull> {
  const { git, env, wishes, log } = context;
  if (git === null) {
    throw new SkeinError(botErrors.noCheckout);
  }
  const { pull } = ask;
  const { mergeBase } = await ensureHistory(git, {
    base: pull.base.sha,
    head: pull.head.sha,
    pull: pull.number,
    access: accessOf(context),
  });
  const settled = ask.isFull ? null : await settledPaths(git, ask, mergeBase);
  const project = await openLedger(context, place);
  try {
    const reference = referenceOf(place.host.name, pull.number);
    const prepared = await prepareReview(project, {
      env,
      change: { kind: "branch", base: pull.base.sha, head: pull.head.sha },
      preset: ask.preset ?? wishes.preset,
      actor: "system",
      ...moneyOf(context, place, ask),
      subject: `pr:${reference}`,
      description: `${pull.title}\n\n${pull.body}`,
      skip: skipOf(context, place, settled),
      previous: ask.previous,
      given: givenOf(context, place),
      recording: null,
      onWarning: log.warn,
      signal: ask.signal,
      onEvent: tell(log),
      onPhase: ask.onPhase,
    });
    prepared.notes.forEach(log.warn);
    const { done } = await prepared.reviewing.start(prepared.request);
    return {
      result: await done,
      files: prepared.request.change.files,
      mode: settled === null ? "full" : "incremental",
    };
  } finally {
    await project.skein.close();
  }
}

/** What the review may cost, and in which budgets it counts. A ledger that outlives the run knows what was spent before. */
function moneyOf(
  { isDurable }: BotContext,
  { host }: Workplace,
  { pull, limit, issue, spentBefore }: BudgetedAsk,
): Pick<ReviewAsk, "limit" | "purpose" | "spentBefore"> {
  return {
    limit,
    purpose: {
      pr: referenceOf(host.name, pull.number),
      issue: issue === null ? null : referenceOf(host.name, issue.number),
      author: String(pull.author.id),
    },
    spentBefore: { pullRequest: isDurable ? 0 : spentBefore, issue: issue?.spentBefore },
  };
}

/** The token fetches what the checkout lacks; where there is none, the checkout's own way must do. */
function accessOf({ github }: BotContext): Parameters<typeof ensureHistory>[1]["access"] {
  return github.token === null ? null : { serverUrl: github.serverUrl, token: github.token };
}

function skipOf(
  { wishes }: BotContext,
  { settings }: Workplace,
  settled: readonly string[] | null,
): SkipOptions {
  const { include, exclude } = settings.github.review;
  const only = wishes.include.length > 0 ? wishes.include : include;
  return {
    only: only.length > 0 ? only : undefined,
    exclude: [...exclude, ...wishes.exclude],
    settled: settled ?? undefined,
  };
}

/** Reports progress to the log. */
function tell({ info }: BotContext["log"]): OnSwarmEvent {
  return (event) => {
    switch (event.kind) {
      case "phase_started":
        info(`Phase ${event.phase}: ${String(event.seats)} seats.`);
        return;
      case "seat_answered":
        info(`Seat ${String(event.seat)} (${event.model}): ${String(event.items)} answers.`);
        return;
      case "seat_failed":
        info(`Seat ${String(event.seat)} (${event.model}) failed: ${event.reason}`);
        return;
      case "pooled":
        info(
          `${String(event.candidates)} candidates, ${String(event.clusters)} of them different.`,
        );
        return;
      default:
        event satisfies never;
    }
  };
}

/**
 * The paths of the change that the last review has seen as they are now; null where all is to be read: nothing was reviewed, the base is
 * another, or the head was rebased.
 */
async function settledPaths(
  git: Git,
  { pull, lastReviewed }: PullReviewAsk,
  mergeBase: string,
): Promise<readonly string[] | null> {
  if (lastReviewed === null || lastReviewed.base !== pull.base.sha) {
    return null;
  }
  const { head: last } = lastReviewed;
  const head = pull.head.sha;
  const ancestor = await git.run(["merge-base", "--is-ancestor", last, head], {
    okCodes: [0, 1, 128],
  });
  if (ancestor.exitCode !== 0) {
    return null;
  }
  const changed = new Set(await namesBetween(git, last, head));
  const all = await namesBetween(git, mergeBase, head);
  return all.filter((path) => !changed.has(path));
}

async function namesBetween(git: Git, from: string, to: string): Promise<readonly string[]> {
  const listed = await git.text(["diff", "--name-only", "--no-renames", "-z", from, to]);
  return listed.split("\0").filter((path) => path !== "");
}
