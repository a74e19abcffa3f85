import { commandLine, commandOf, programPath } from "./launch.ts";
import type { Launch } from "./launch.ts";
import { callOf, withoutCall } from "./shell-host.ts";
import { withinOfLines } from "./shell-lines.ts";
import { shellWord } from "../shell-word.ts";

/** The git hooks that guard a repository. */
export const guardHooks = ["pre-commit", "commit-msg", "pre-push"] as const;

export type GuardHook = (typeof guardHooks)[number];

/** The name beside a hook under which the one from before is kept; a number follows where that name is taken. */
export const keptSuffix = ".before-skein";

const ourMark = "# Skein's guard. `skein init --remove` takes it away.";

const inputLines = ["input=$(cat; echo .)", "input=${input%.}"];
const inputFeed = `printf '%s' "$input" | `;
const lastLines = [
  "else",
  `  echo "skein: the guard cannot start; run \\\`skein init\\\` again." >&2`,
  `  if [ -n "$SKEIN_SESSION$SKEIN_EXTERNAL_ID$CLAUDE_CODE_SESSION_ID$CODEX_THREAD_ID$GEMINI_SESSION_ID" ]; then exit 1; fi`,
  "fi",
];

/**
 * A hook that calls the one from before, where there is one, and then Skein. Pre-push hooks read what is pushed from their standard input, so
 * it is kept for both.
 *
 * @param suffix how the name of the one from before goes on.
 */
export function wrapScript(hook: GuardHook, launch: Launch, suffix: string): string {
  const feed = feedOf(hook);
  return [
    "#!/bin/sh",
    ourMark,
    ...(feed === "" ? [] : inputLines),
    ...keptLines(feed, suffix),
    ...guardLines(hook, launch, feed),
    "",
  ].join("\n");
}

function feedOf(hook: GuardHook): string {
  return hook === "pre-push" ? inputFeed : "";
}

function keptLines(feed: string, suffix: string): readonly string[] {
  return [
    `kept="$0${suffix}"`,
    'if [ -x "$kept" ]; then',
    `  ${feed}"$kept" "$@" || exit $?`,
    "fi",
  ];
}

/** An agent without a working guard is stopped; a person is told. */
export function guardLines(hook: GuardHook, launch: Launch, feed = ""): readonly string[] {
  const { command } = commandOf(launch, []);
  const program = programTest(launch);
  const line = commandLine(launch, ["guard", hook], null);
  return [
    `if command -v ${shellWord(command)} >/dev/null 2>&1${program}; then`,
    `  ${feed}${line} "$@" || exit $?`,
    ...lastLines,
  ];
}

/** Node alone does not make a guard: without Skein's own file it would end as a refusal does. */
function programTest(launch: Launch): string {
  const path = programPath(launch, null);
  return path === null ? "" : ` && [ -f ${path} ]`;
}

/** How a word of a shell may be written in what any version of Skein wrote. */
const word = String.raw`(?:[\w@%+=:,./-]+|'[^'\n]*'(?:\\''[^'\n]*')*|"\$\(git rev-parse --show-toplevel\)/[\w./-]+")`;

/** Skein's lines alone, whichever Node and Skein they name; the first part is the feed. */
function guardPattern(hook: GuardHook): string {
  return [
    String.raw`if command -v ${word} >/dev/null 2>&1(?: && \[ -f ${word} \])?; then`,
    String.raw`  (${literally(inputFeed)})?(?:${word} )+guard ${hook} "\$@" \|\| exit \$\?`,
    ...lastLines.map(literally),
  ].join("\n");
}

/**
 * The suffix of the hook from before that a script calls, if the script is wholly what some version of Skein wrote for this hook; null where
 * a person's line is in it, be it a comment.
 */
export function wrappedSuffix(text: string, hook: GuardHook): string | null {
  const feed = feedOf(hook);
  const head = ["#!/bin/sh", ourMark, ...(feed === "" ? [] : inputLines)].map(literally);
  const kept = keptLines(feed, "\0").map(literally).join("\n");
  const suffix = String.raw`(${literally(keptSuffix)}(?:-\d+)?)`;
  const shape = [...head, kept.replace("\0", () => suffix), guardPattern(hook)].join("\n");
  const plain = text.replaceAll("\r\n", "\n").trimEnd();
  return new RegExp(`^${shape}$`, "u").exec(plain)?.[1] ?? null;
}

/** Skein's lines in a script that is a person's, as they stand there; null where there are none, not all of them, or in a text alone that the script writes elsewhere. */
export function guardIn(text: string, hook: GuardHook): string | null {
  const found = new RegExp(`^${guardPattern(hook)}$`, "mu").exec(text);
  const lines = found === null ? 0 : text.slice(0, found.index).split("\n").length;
  return found !== null && withinOfLines(text)[lines - 1] === "script" ? found[0] : null;
}

/** A person's script with Skein's lines in it renewed where they stand; null as in `guardIn`. */
export function withGuard(text: string, hook: GuardHook, launch: Launch): string | null {
  const found = guardIn(text, hook);
  const feed = found?.includes(inputFeed) === true ? inputFeed : "";
  return found === null
    ? null
    : text.replace(found, () => guardLines(hook, launch, feed).join("\n"));
}

/** A person's script without Skein's lines; null where nothing is left of it. @throws {SkeinError} SKN-2093 where nobody knows which lines are Skein's. */
export function withoutSkein(path: string, text: string, hook: GuardHook): string | null {
  if (wrappedSuffix(text, hook) !== null) {
    return null;
  }
  const left = withoutGuard(withoutCall(path, text), hook);
  return left !== text && left.trim() === "#!/bin/sh" ? null : left;
}

function withoutGuard(text: string, hook: GuardHook): string {
  const found = guardIn(text, hook);
  if (found === null) {
    return text;
  }
  const at = text.indexOf(found);
  // What a shell opens there may not stay empty.
  const isOnly = /(?:\b(?:then|do|else)|[{(])\s*$/u.test(text.slice(0, at));
  const rest = text.slice(at + found.length).replace(/^\n/u, "");
  const left = `${text.slice(0, at)}${isOnly ? ":\n" : ""}${rest}`;
  return withoutGuard(left.replace(`${ourMark}\n`, ""), hook);
}

/** A person's script without the call of a hook from before, where there is none such. */
export function withoutKept(text: string, hook: GuardHook): string {
  const feed = feedOf(hook);
  const left = text.replace(`${keptLines(feed, keptSuffix).join("\n")}\n`, "");
  const input = `${inputLines.join("\n")}\n`;
  const rest = left.replace(input, "");
  return rest.includes("$input") ? left : rest;
}

/** Skein's part of a script that is somebody else's, as a script of its own. */
export function ownScript(text: string): string {
  return `#!/bin/sh\n${callOf(text)}`;
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}
