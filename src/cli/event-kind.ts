import { SkeinError } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import { eventKinds } from "../core/events/index.ts";
import type { Options } from "./command.ts";
import { cliErrors } from "./errors.ts";

/**
 * The kind of event, or the noun of several, that `--kind` asks for; null where it was not given. A word that no event has would be answered
 * with silence, for ever where the log is followed. @throws {SkeinError} SKN-1005 with what may be meant.
 */
export function wantedKind(options: Pick<Options, "text">): string | null {
  const kind = options.text("kind");
  const nouns = new Set(eventKinds.map((each) => each.split(".")[0] ?? each));
  if (kind === null || nouns.has(kind) || eventKinds.includes(kind)) {
    return kind;
  }
  const [noun = ""] = kind.split(".");
  const ofNoun = eventKinds.filter((each) => each.startsWith(`${noun}.`));
  const guess = nearest(kind, [...nouns, ...eventKinds]);
  const known = ofNoun.length > 0 ? ofNoun : [...nouns];
  throw new SkeinError(cliErrors.badValue, {
    message: `No event is of the kind ${JSON.stringify(kind)}.`,
    fix: `${guess === null ? "" : `Did you mean ${guess}? `}There are: ${known.join(", ")}.`,
    facts: { option: "--kind", value: kind, did_you_mean: guess },
  });
}
