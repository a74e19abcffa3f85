import { isAtLeast } from "../../core/hosting/index.ts";
import type { ReactionTarget, User } from "../../core/hosting/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isEarly, tellFailure } from "../answering.ts";
import { permissionOf, userOf } from "../asking.ts";
import { neededFor, parseCommand } from "../commands/command.ts";
import type { Command } from "../commands/command.ts";
import { obey } from "../commands/obey.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, BotStage, HandlerOutcome } from "../context.ts";
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
  if (mayWriteFirst.has(context.wishes.stage)) {
    await place.host.issues.react(target, "eyes");
  }
  return answer(context, place, { ...heard, target });
}

/** Of the jobs of one run the first that may write. */
const mayWriteFirst: ReadonlySet<BotStage> = new Set(["all", "reserve"]);

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
async function refuse(place: Workplace, { by, command }: Heard): Promise<string | null> {
  const { host, settings } = place;
  if (by.kind === "bot" && !settings.github.allowBots.includes(by.login)) {
    return "A bot commands that `allow_bots` does not name.";
  }
  const self = await host.self();
  if (by.id === self.id) {
    return "Skein does not obey itself.";
  }
  const permission = await permissionOf(place, by);
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
    const isLater = isForLater(context, command);
    const outcome = isLater ? handedOn : await obey(context, place, { command, by });
    if (outcome.handover === null) {
      if (isEarly(context.wishes.stage)) {
        return handedOn;
      }
      await place.host.issues.react(target, isDone(outcome) ? "rocket" : "confused");
    }
    return outcome;
  } catch (error) {
    if (error instanceof SkeinError && context.wishes.stage !== "collect") {
      await tellConfusion(context, place, { error, target });
    }
    throw error;
  }
}

async function tellConfusion(
  context: BotContext,
  place: Workplace,
  { error, target }: { readonly error: SkeinError; readonly target: ReactionTarget },
): Promise<void> {
  try {
    await place.host.issues.react(target, "confused");
  } catch (untold) {
    if (!(untold instanceof SkeinError)) {
      throw untold;
    }
  }
  await tellFailure(context, place, error);
}

function isDone({ conclusion }: HandlerOutcome): boolean {
  return conclusion !== "failure" && conclusion !== "skipped";
}

/** What needs no model the job that may write does alone. */
function isForLater({ wishes: { stage } }: BotContext, { kind }: Command): boolean {
  return isEarly(stage) && kind !== "plan" && kind !== "review";
}

const handedOn: HandlerOutcome = {
  ...plainOutcome("success", "It is for the job that may write."),
  handover: { headSha: null, baseSha: null, payload: {} },
};
