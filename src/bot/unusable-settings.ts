import { SkeinError } from "../core/base/errors.ts";
import { codeSpan } from "../core/base/safe-markdown.ts";
import { isAtLeast } from "../core/hosting/index.ts";
import type { CodeHost, Conclusion } from "../core/hosting/index.ts";
import { reviewCheck, skippedId } from "../core/pull-reviews/index.ts";
import { settingsErrors } from "../settings.ts";
import { botErrors } from "./errors.ts";
import { plainOutcome } from "./context.ts";
import type { BotContext, HandlerOutcome } from "./context.ts";
import type { HandlerName } from "./dispatch.ts";
import { numberOf, shasOf } from "./event.ts";
import type { BotEvent } from "./event.ts";
import { rulesCheck } from "./rules/judge.ts";
import { openHost } from "./workplace.ts";

/** What is wrong with the text itself or its place, which the repository's people can mend. */
const faults: ReadonlySet<string> = new Set(
  [
    settingsErrors.settingsSyntax,
    settingsErrors.settingsKey,
    settingsErrors.settingsValue,
    settingsErrors.settingsVariable,
    settingsErrors.settingsCommand,
    botErrors.noSettings,
  ].map(({ code }) => code),
);

/**
 * Does the work of an event; where the repository's settings cannot be used, says so where people look, and nothing is tried again: the next event
 * reads them anew.
 */
export async function unlessUnusable(
  context: BotContext,
  names: readonly HandlerName[],
  work: () => Promise<HandlerOutcome>,
): Promise<HandlerOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!isUnusable(error)) {
      throw error;
    }
    const { code, message, fix } = error;
    context.log.warn(`${code}: ${message} ${fix}`);
    await tell(context, names, `${codeSpan(code, 20)}: ${codeSpan(message, 500)} ${fix}`);
    return plainOutcome("failure", `The settings cannot be used (${code}).`);
  }
}

/**
 * Does the work of a job, which fails for settings that cannot be used and says in its log where. A merge queue, or a branch rule, waits for the check and
 * not for the job, so that the check says it, too: in words of ours, since variables of the job may stand in the message.
 */
export async function tellingUnusable<T>(
  context: BotContext,
  names: readonly HandlerName[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUnusable(error) && context.wishes.stage === "all") {
      const { code, why, fix } = error;
      const text = `${codeSpan(code, 20)}: ${why} ${fix} The log of the job says where.`;
      await tell(context, names, text).catch((untold: unknown) => {
        // As with the event of a fork, whose token only reads. What cannot be said hides no failure.
        if (!(untold instanceof SkeinError)) {
          throw untold;
        }
        context.log.info(`No check could be made of it (${untold.code}).`);
      });
    }
    throw error;
  }
}

function isUnusable(error: unknown): error is SkeinError {
  return error instanceof SkeinError && faults.has(error.code);
}

async function tell(
  context: BotContext,
  names: readonly HandlerName[],
  why: string,
): Promise<void> {
  const text = `The settings on the default branch cannot be used. ${why}`;
  const host = openHost(context);
  const { event } = context;
  // A push is told of in the log alone: no check of ours stands on its commits.
  const shas = event.kind === "push" ? null : shasOf(event);
  if (shas !== null) {
    for (const [name, conclusion] of checksOf(names)) {
      await report(host, { headSha: shas.head, name, conclusion, summary: text });
    }
    return;
  }
  const number = numberOf(event);
  if (number !== null && (await isAskedFor(host, event))) {
    await host.issues.comment(number, `${text}\n`);
  }
}

/** Rules that nobody can read are not kept; whether a review is required is not known. */
function checksOf(names: readonly HandlerName[]): readonly (readonly [string, Conclusion])[] {
  return [
    ...(names.includes("rules") ? ([[rulesCheck, "failure"]] as const) : []),
    ...(names.includes("review") ? ([[reviewCheck, "neutral"]] as const) : []),
  ];
}

interface Report {
  readonly headSha: string;
  readonly name: string;
  readonly conclusion: Conclusion;
  readonly summary: string;
}

async function report(host: CodeHost, shown: Report): Promise<void> {
  await host.checks.report(
    {
      ...shown,
      title: "The settings cannot be used",
      text: "",
      annotations: [],
      externalId: skippedId(shown.summary),
      detailsUrl: null,
    },
    null,
  );
}

/** Strangers are not answered: their comments would fill an issue with ours. */
async function isAskedFor(host: CodeHost, event: BotEvent): Promise<boolean> {
  const { sender } = event;
  return (
    isAsking(event) && sender !== null && isAtLeast(await host.permissionOf(sender.login), "write")
  );
}

/** Of labels only those under Skein's name: another for it stands in the settings that cannot be read. Most events of an issue ask for nothing. */
function isAsking(event: BotEvent): boolean {
  return event.kind === "issue"
    ? event.action === "labeled" && event.label?.startsWith("skein:") === true
    : event.kind === "issue-comment" || event.kind === "review-comment";
}
