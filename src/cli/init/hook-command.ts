import { projectBin } from "./launch.ts";

/**
 * The words of Skein's hook, as `hook claude stop`, where a command line is that and nothing else, in a form that `init` writes or wrote; else
 * null. A command that does anything more is somebody's own, be it that it sends the answer elsewhere.
 */
export function ownHookWords(command: string): string | null {
  const { commands, isPlain } = readCommandLine(command);
  const [words = []] = commands;
  const count = isPlain && commands.length === 1 ? ownProgram(words) : 0;
  const rest = words.slice(count);
  return count > 0 && rest.length === 3 ? hookWords(rest) : null;
}

/** The words of each of Skein's hooks that a command line runs, among whatever else it does. */
export function hooksRunBy(command: string): readonly string[] {
  return readCommandLine(command).commands.flatMap((words) => {
    const script = scriptIn(words);
    if (script !== null) {
      return hooksRunBy(script);
    }
    const program = words.findIndex((word) => !mayPrecede.test(word));
    const found = isSkeinWord(words[program] ?? "") ? hookWords(words.slice(program + 1)) : null;
    return found === null ? [] : [found];
  });
}

/** True for a command, with its arguments, that starts Skein's server in whatever way. */
export function startsServer(words: readonly string[]): boolean {
  const program = words.findIndex(isSkeinWord);
  return program !== -1 && words.includes("mcp", program + 1);
}

function isSkeinWord(word: string): boolean {
  return /^skein(?:\.js|\.cmd)?(?:@.*)?$/u.test(baseOf(word));
}

/** How many words name Skein as the program; 0 where another one is named. */
function ownProgram([first = "", ...rest]: readonly string[]): number {
  if (first === "skein") {
    return 1;
  }
  if (first === "npx") {
    const flags = rest.findIndex((word) => !npxFlags.has(word));
    return rest[flags] === "skein" ? flags + 2 : 0;
  }
  return /^(?:node|nodejs|bun)[\d.-]*(?:\.exe)?$/iu.test(baseOf(first)) && isOwnFile(rest[0] ?? "")
    ? 2
    : 0;
}

const npxFlags: ReadonlySet<string> = new Set(["--no", "--no-install", "--yes", "-y"]);

/** Named from a root, as `init` names it: a script of somebody's own may bear the name. */
function isOwnFile(word: string): boolean {
  const isRooted = /^(?:[\\/]|[A-Za-z]:[\\/]|\$\w+\/|\$\(git rev-parse --show-toplevel\)\/)/u;
  return word === projectBin || (isRooted.test(word) && /[\\/]bin[\\/]skein\.js$/u.test(word));
}

function hookWords([verb, host = "", event = ""]: readonly string[]): string | null {
  return verb === "hook" && /^[a-z]+$/u.test(host) && /^[a-z-]+$/u.test(event)
    ? `hook ${host} ${event}`
    : null;
}

function baseOf(word: string): string {
  return word.split(/[\\/]/u).at(-1) ?? "";
}

/** What may stand before the program that a command runs in the end. */
const mayPrecede =
  /^(?:\w+=.*|-.*|\d+[smhd]?|!|(?:.*[\\/])?(?:env|exec|command|nohup|nice|time|timeout|sudo|if|then|else|do|while|until|node|nodejs|npx|npm|pnpm|yarn|bun|bunx|x|dlx|run)(?:\.exe)?)$/su;

/** The command line that a shell is given as one word, or null. */
function scriptIn(words: readonly string[]): string | null {
  const shell = words.findIndex((word) => !mayPrecede.test(word));
  const flag = words.findIndex((word, index) => index > shell && /^-\w*c$/u.test(word));
  const isShell = /^(?:ba|da|z|k)?sh$/u.test(baseOf(words[shell] ?? ""));
  return isShell && flag !== -1 ? (words[flag + 1] ?? null) : null;
}

interface CommandLine {
  /** Each command in its words, without quotes. */
  readonly commands: readonly (readonly string[])[];
  /** True where a shell does nothing but run the program with the words as they stand, the repository's root put in. */
  readonly isPlain: boolean;
}

const blank = "[ \\t]+";
const single = "'(?<single>[^']*)'";
const double = '"(?<double>(?:[^"\\\\]|\\\\[^])*)"';
const escaped = "\\\\(?<escaped>[^])";
const operator = "(?<operator>[;&|(){}<>\\r\\n]+)";
const bare = "(?<bare>[^\\s'\"\\\\;&|(){}<>]+)";
const token = new RegExp([blank, single, double, escaped, operator, bare].join("|"), "guy");

function readCommandLine(line: string): CommandLine {
  const commands: string[][] = [[]];
  let word: string | null = null;
  let isPlain = true;
  let end = 0;
  const endWord = (): void => {
    commands.at(-1)?.push(...(word === null ? [] : [word]));
    word = null;
  };
  for (const { 0: text, index, groups = {} } of line.trim().matchAll(token)) {
    end = index + text.length;
    const part = partOf(groups);
    isPlain &&= part === null ? groups["operator"] === undefined : part.isPlain;
    if (part === null) {
      endWord();
      commands.push(...(groups["operator"] === undefined ? [] : [[]]));
    } else {
      word = `${word ?? ""}${part.text}`;
    }
  }
  endWord();
  const isWhole = end === line.trim().length;
  return { commands: commands.filter(({ length }) => length > 0), isPlain: isPlain && isWhole };
}

interface Part {
  readonly text: string;
  readonly isPlain: boolean;
}

/** A piece of a word, or null for what stands between words. */
function partOf(groups: Readonly<Record<string, string | undefined>>): Part | null {
  const { single: quoted, double: inDouble, escaped: character, bare: word } = groups;
  if (inDouble !== undefined) {
    return { text: inDouble.replaceAll(/\\(["\\$`])/gu, "$1"), isPlain: isRootAtMost(inDouble) };
  }
  if (word !== undefined) {
    return { text: word, isPlain: !/[$`#*?~![\]^]/u.test(word) };
  }
  const text = quoted ?? character;
  return text === undefined ? null : { text, isPlain: character !== "\n" };
}

/** What `init` puts between double quotes besides plain text is the repository's root, by a variable or by git. */
function isRootAtMost(inDouble: string): boolean {
  const rest = inDouble.replace(/^(?:\$\w+|\$\(git rev-parse --show-toplevel\))(?=\/)/u, "");
  return !/[$`]/u.test(rest);
}
