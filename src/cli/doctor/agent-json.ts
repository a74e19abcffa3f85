import { repeatedHooks } from "../init/own-hooks.ts";
import type { RepeatedHook } from "../init/own-hooks.ts";
import { readJsonc } from "../init/jsonc.ts";
import type { JsonOddity } from "../init/jsonc.ts";
import { trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Files whose programs read JSON as it is defined: no comments, no commas before the end. */
const strict =
  /(?:^|\/)(?:\.mcp\.json|\.claude\/settings(?:\.local)?\.json|\.codex\/hooks\.json)$/u;

/** Files whose programs take comments, and no commas before the end. */
const commented = /(?:^|\/)\.gemini\/settings\.json$/u;

/** More of one kind help nobody. */
const mostTold = 10;

/** A name that could pass for a line of the report is quoted. */
function nameOf(event: string): string {
  return /^\w{1,60}$/u.test(event) ? event : JSON.stringify(event);
}

/** What is odd about a file that `init` can merge: its own program may read it otherwise, or not at all. */
export function examineJson(label: string, text: string): readonly Finding[] {
  const reading = readJsonc(text);
  if (reading.kind === "fault") {
    return [];
  }
  const lax = reading.oddities.find(({ kind }) => isRefused(label, kind));
  return [
    ...(lax === undefined ? [] : [notStrict(label, lax)]),
    ...reading.oddities.flatMap((oddity) => keyTwice(label, oddity)),
    ...repeatedHooks(text)
      .slice(0, mostTold)
      .map((hook) => repeated(label, hook)),
  ];
}

function repeated(label: string, { event, words, line, isOwn }: RepeatedHook): Finding {
  const place = `${label}, line ${String(line)}`;
  return trouble("warn", "agent-twice", {
    what: isOwn
      ? `${place}: \`skein ${words}\` stands a second time under ${nameOf(event)}.`
      : `${place}: a command of yours runs \`skein ${words}\` a second time under ${nameOf(event)}.`,
    why: "Its program runs it twice each time, and waits for both.",
    fix: isOwn
      ? "Take one of them out."
      : "Take it out of that command: `skein init` writes one that runs it.",
  });
}

function isRefused(label: string, kind: JsonOddity["kind"]): boolean {
  return (
    (kind === "comment" && strict.test(label)) ||
    (kind === "trailing-comma" && (strict.test(label) || commented.test(label)))
  );
}

function notStrict(label: string, { kind, line, column }: JsonOddity): Finding {
  const thing = kind === "comment" ? "a comment" : "a comma before the end of a list or an object";
  return trouble("warn", "agent-json", {
    what: `${label}, line ${String(line)}, column ${String(column)}: ${thing} stands there, which is no JSON.`,
    why: "Skein reads over it; the program that the file is for may read nothing of the file.",
    fix: `Take it out of ${label}.`,
  });
}

function keyTwice(label: string, { key, line, column }: JsonOddity): readonly Finding[] {
  return key === null
    ? []
    : [
        trouble("warn", "agent-twice", {
          what: `${label}, line ${String(line)}, column ${String(column)}: ${JSON.stringify(key)} stands a second time in its object.`,
          why: "Only one of them counts, for most programs the last: what the other says is lost without a word.",
          fix: "Put what both say under one of them.",
        }),
      ];
}
