import { needRepository } from "../compose.ts";
import { SkeinError } from "../core/base/errors.ts";
import { codeSpan } from "../core/base/safe-markdown.ts";
import { modelErrors } from "../core/models/index.ts";
import { needBounds } from "../provider-bounds.ts";
import { createProviderTrust } from "../provider-trust.ts";
import { plainOutcome } from "./context.ts";
import type { BotContext, HandlerOutcome } from "./context.ts";
import type { Workplace } from "./workplace.ts";

/** Looked at once a run, however many pull requests it is about. */
const looks = new WeakMap<Workplace, Promise<string | null>>();

/** Why the App asks no model that these settings name: its operator has not allowed their providers. Null: it does. */
export async function refusalOf(context: BotContext, place: Workplace): Promise<string | null> {
  const looking = looks.get(place) ?? look(context, place);
  looks.set(place, looking);
  return looking;
}

async function look(
  { bounds, cwd, env, log }: BotContext,
  { settings }: Workplace,
): Promise<string | null> {
  if (bounds === null || cwd === null) {
    return null;
  }
  const trust = createProviderTrust({ repository: needRepository(cwd), env, actor: "system" });
  try {
    await needBounds([...settings.providers.values()], { bounds, trust });
    return null;
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    log.warn(`${textOf(error)} ${JSON.stringify(error.facts)}`);
    return textOf(error);
  }
}

/** Makes a plan; where that needs providers that the App may not use, says so, and nothing is tried again: only people can mend it. */
export async function unlessRefused(
  { log }: BotContext,
  plan: () => Promise<HandlerOutcome>,
): Promise<HandlerOutcome> {
  try {
    return await plan();
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    log.warn(`${textOf(error)} ${JSON.stringify(error.facts)}`);
    return plainOutcome("skipped", `Skein could not plan this. ${textOf(error)}`);
  }
}

function isRefusal(error: unknown): error is SkeinError {
  return error instanceof SkeinError && error.code === modelErrors.refusedInApp.code;
}

/** The message is of our words and of names that have letters, digits and `-_.` alone. */
function textOf({ code, message, why, fix }: SkeinError): string {
  return `${codeSpan(code, 20)}: ${message} ${why} ${fix}`;
}
