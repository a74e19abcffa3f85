import { needRepository } from "../compose.ts";
import { SkeinError } from "../core/base/errors.ts";
import { codeSpan } from "../core/base/safe-markdown.ts";
import { modelErrors } from "../core/models/index.ts";
import { reviewCheck } from "../core/pull-reviews/index.ts";
import { needBounds } from "../provider-bounds.ts";
import { createProviderTrust } from "../provider-trust.ts";
import type { BotContext } from "./context.ts";
import type { Workplace } from "./workplace.ts";

/** True for providers that the App's operator has not allowed. */
function isRefusal(error: unknown): error is SkeinError {
  return error instanceof SkeinError && error.code === modelErrors.refusedInApp.code;
}

/**
 * Looks, before a review sets money aside, whether the App may use the providers of these settings; where it may not, the check says so.
 *
 * @throws {SkeinError} SKN-8757
 */
export async function needReviewers(
  { bounds, cwd, env }: BotContext,
  { host, settings }: Workplace,
  number: number,
): Promise<void> {
  if (bounds === null || cwd === null) {
    return;
  }
  const trust = createProviderTrust({ repository: needRepository(cwd), env, actor: "system" });
  try {
    await needBounds([...settings.providers.values()], { bounds, trust });
  } catch (error) {
    const pull = isRefusal(error) ? await host.pulls.get(number) : null;
    if (isRefusal(error) && pull?.isOpen === true) {
      await host.checks.report(
        {
          headSha: pull.head.sha,
          name: reviewCheck,
          // As for every review that was not made: a branch rule takes "skipped" as passed.
          conclusion: settings.review.required ? "failure" : "skipped",
          title: "Not reviewed",
          summary: textOf(error),
          text: "",
          annotations: [],
          externalId: null,
          detailsUrl: null,
        },
        null,
      );
    }
    throw error;
  }
}

/** Makes a plan; where that needs providers that the App may not use, the issue says so. */
export async function orTellRefusal<T>(
  { host }: Workplace,
  issue: number,
  plan: () => Promise<T>,
): Promise<T> {
  try {
    return await plan();
  } catch (error) {
    if (isRefusal(error)) {
      await host.issues.comment(issue, `Skein could not plan this. ${textOf(error)}\n`);
    }
    throw error;
  }
}

/** The message is of our words and of names that have letters, digits and `-_.` alone. */
function textOf({ code, message, why, fix }: SkeinError): string {
  return `${codeSpan(code, 20)}: ${message}\n\n${why} ${fix}`;
}
