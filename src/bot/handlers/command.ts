import { isAtLeast } from "../../core/hosting/index.ts";
import type { ReactionTarget, User } from "../../core/hosting/index.ts";
import { codeSpan } from "../../core/base/safe-markdown.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { userOf } from "../asking.ts";
import { neededFor, parseCommand } from "../commands/command.ts";
import type { Command } from "../commands/command.ts";
import { obey } from "../commands/obey.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import type { EventComment } from "../event.ts";
import { openWorkplace } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** Does what a new comment commands. A comment without a command costs no call. */
export async function handleCommand(context: BotContext): Promise<HandlerOutcome> {
  const heard = hear(context);
  if (heard === null) {
    return plainOutcome("skipped", "The comment holds no command.");
  }
  const place = await openWorkplace(context);
  const refusal = await refuse(place, heard);
  if (refusal !== null) {
    return plainOutcome("skipped", refusal);
  }
  const target = targetOf(context, heard.comment);
  if (context.wishes.stage === "all") {
    await place.host.issues.react(target, "eyes");
  }
  return answer(context, place, { ...heard, target });
}

interface Heard {
  readonly command: Command;
  readonly comment: EventComment;
  readonly by: User;
}

function hear({ event }: BotContext): Heard | null {
  if (event.kind !== "issue-comment" && event.kind !== "review-comment") {
    return null;
  }
  const command = event.action === "created" ? parseCommand(event.comment.body) : null;
  return command === null
    ? null
    : { command, comment: event.comment, by: userOf(event.comment.author) };
}

/** Why nothing is done; null: it is done. Who is refused is not answered, so that nobody makes Skein write. */
async function refuse(
  { host, settings }: Workplace,
  { by, command }: Heard,
): Promise<string | null> {
  if (by.kind === "bot" && !settings.github.allowBots.includes(by.login)) {
    return "A bot commands that `allow_bots` does not name.";
  }
  const self = await host.self();
  if (by.id === self.id) {
    return "Skein does not obey itself.";
  }
  const permission = await host.permissionOf(by.login);
  return isAtLeast(permission, neededFor(command))
    ? null
    : `That command needs the permission ${neededFor(command)}.`;
}

function targetOf({ event }: BotContext, { id }: EventComment): ReactionTarget {
  return { on: event.kind === "review-comment" ? "review-comment" : "issue-comment", id };
}

/** What fails is answered where it was asked for; it fails the job, too. */
async function answer(
  context: BotContext,
  place: Workplace,
  { command, by, target }: Heard & { readonly target: ReactionTarget },
): Promise<HandlerOutcome> {
  try {
    const outcome = isForLater(context, command)
      ? handedOn
      : await obey(context, place, { command, by });
    if (outcome.handover === null) {
      await place.host.issues.react(
        target,
        outcome.conclusion === "failure" ? "confused" : "rocket",
      );
    }
    return outcome;
  } catch (error) {
    if (error instanceof SkeinError && context.wishes.stage !== "collect") {
      await tellFailure(context, place, { error, target });
    }
    throw error;
  }
}

async function tellFailure(
  { event, log }: BotContext,
  { host }: Workplace,
  { error, target }: { readonly error: SkeinError; readonly target: ReactionTarget },
): Promise<void> {
  const number =
    event.kind === "issue-comment"
      ? event.issue.number
      : event.kind === "review-comment"
        ? event.pull.number
        : null;
  try {
    await host.issues.react(target, "confused");
    if (number !== null) {
      // Only the entry's own words: messages may quote others.
      const text = `Skein could not do that (${codeSpan(error.code, 20)}): ${error.why} ${error.fix}\n`;
      await host.issues.comment(number, text);
    }
  } catch {
    log.warn("The failure could not be told where it was asked for.");
  }
}

/** What needs no model the job that may write does alone. */
function isForLater({ wishes: { stage } }: BotContext, { kind }: Command): boolean {
  const isEarly = stage !== "all" && stage !== "publish";
  return isEarly && kind !== "plan" && kind !== "review";
}

const handedOn: HandlerOutcome = {
  ...plainOutcome("success", "It is for the job that may write."),
  handover: { headSha: null, baseSha: null, payload: {} },
};
