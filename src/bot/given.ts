import type { GivenSettings } from "../compose-models.ts";
import type { BotContext } from "./context.ts";
import type { Workplace } from "./workplace.ts";

/** The settings of the default branch, for whatever asks models. */
export function givenOf(
  { wishes, isDurable, database, bounds }: BotContext,
  { settingsText: text }: Workplace,
): GivenSettings {
  const { anthropic, openai } = wishes;
  return {
    text,
    // The workflow of the default branch hands the keys over: its people have agreed to what its settings do with them. The App's keys are those
    // of whoever runs it, so that a repository's settings cannot send them anywhere.
    isTrusted: !isDurable || database === "open",
    bounds,
    baseUrls: { anthropic: anthropic.baseUrl, openai: openai.baseUrl },
  };
}
