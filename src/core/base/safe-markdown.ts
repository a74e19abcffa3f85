import { cleanLine, cleanText, showHidden } from "./text.ts";

export interface SafeOptions {
  /** In characters; what is longer is cut. */
  readonly maxChars: number;
  /** Hosts whose `https` addresses stay links. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/**
 * What Markdown or a code host would bring to life although its signs are escaped: addresses, mentions, references to issues, commits and
 * repositories. In a code span they stay dead and readable.
 */
const lively =
  /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|(?:mailto|xmpp|javascript|vbscript|data|tel):|www\.)[^\s`<>|]*|[\w.+-]{1,64}@[\w.-]{1,255}|@[\w/.-]{1,100}|(?:[\w.-]{1,100}\/[\w.-]{1,100})?#\d+|GH-\d+|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/giu;

/** Every sign of Markdown, of its GitHub dialect, and of HTML. */
const signs = /[\\*_{}[\]()#!|~$^=]/gu;

const entities: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "`": "&#96;",
};

/**
 * Makes prose of others safe inside of a line of Markdown: nothing in it is markup, a link, a mention, a reference, a picture or HTML, and no
 * character of it is invisible. One line comes out.
 */
export function safeLine(text: string, { maxChars, allowedHosts = [] }: SafeOptions): string {
  return proseOf(cleanLine(compatible(text), maxChars), allowedHosts);
}

/** As `safeLine` for prose of several lines; each line stays one, and none begins a block or a command. */
export function safeProse(text: string, { maxChars, allowedHosts = [] }: SafeOptions): string {
  return cleanText(compatible(text), maxChars)
    .split("\n")
    .map((line) => proseOf(line.trim(), allowedHosts))
    .join("\n");
}

/**
 * Prose of others for a place that shows it as plain text: what a code host would bring to life stands in code spans, an HTML comment is none, no line
 * begins a command, and nothing else is escaped.
 */
export function safePlain(text: string, maxChars: number): string {
  return cleanText(compatible(text), maxChars)
    .split("\n")
    .map((line) => deadened(line.trim(), { write: plainSigns, allowedHosts: [] }))
    .map((line) => line.replace(/^[/:]/u, String.raw`\$&`))
    .join("\n");
}

function plainSigns(text: string): string {
  // A backtick of theirs would end a span of ours.
  return text.replaceAll("<!--", "<! --").replaceAll("##[", "## [").replaceAll("`", "'");
}

/** A code span that ends nowhere before its end, whatever stands in it. */
export function codeSpan(text: string, maxChars: number): string {
  const code = showHidden(Array.from(text).slice(0, maxChars).join(""));
  const mark = "`".repeat(longestRun(code, /`+/gu) + 1);
  const isPadded = code.startsWith("`") || code.endsWith("`") || code.trim() === "";
  return isPadded ? `${mark} ${code} ${mark}` : `${mark}${code}${mark}`;
}

/** A line of code, and what stands before it; empty where it has no number. */
export interface CodeLine {
  readonly number: string;
  readonly text: string;
}

/**
 * A fenced block that ends nowhere before its end. Each line begins with its number and a bar, so that none is a command of some bot.
 */
export function codeBlock(lines: readonly CodeLine[]): string {
  const width = Math.max(...lines.map(({ number }) => number.length));
  const shown = lines.map(({ number, text }) =>
    `${number.padStart(width)} | ${showHidden(text)}`.trimStart(),
  );
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n"), /`+/gu) + 1));
  return [fence, ...shown, fence].join("\n");
}

/** Full-width and other lookalikes of signs become the signs, which are escaped then. */
function compatible(text: string): string {
  return text.replaceAll(/[\u{FF01}-\u{FF5E}\u{FE6B}\u{FE5F}]/gu, (character) =>
    character.normalize("NFKC"),
  );
}

function proseOf(line: string, allowedHosts: readonly string[]): string {
  return withoutStart(deadened(line, { write: escaped, allowedHosts }));
}

interface Deadening {
  /** How what lives nowhere is written. */
  readonly write: (text: string) => string;
  readonly allowedHosts: readonly string[];
}

/** What is left beside a match is searched anew: cut off from it, it may look like a reference itself. */
function deadened(text: string, deadening: Deadening): string {
  const { write, allowedHosts } = deadening;
  const matches = [...text.matchAll(lively)];
  if (matches.length === 0) {
    return write(text);
  }
  let [safe, at] = ["", 0];
  for (const match of matches) {
    safe += deadened(text.slice(at, match.index), deadening);
    safe += isAllowed(match[0], allowedHosts) ? `<${match[0]}>` : codeSpan(match[0], 300);
    at = match.index + match[0].length;
  }
  return safe + deadened(text.slice(at), deadening);
}

function escaped(text: string): string {
  return text
    .replaceAll(signs, String.raw`\$&`)
    .replaceAll(/[<>&`]/gu, (sign) => entities[sign] ?? "")
    .replaceAll("@", "&#64;");
}

/** A line's beginning can make a list, a heading's underline, a rule, or a command of some bot. */
function withoutStart(line: string): string {
  return line
    .replace(/^[-+/.:!]/u, String.raw`\$&`)
    .replace(/^(\d{1,9})([.)])/u, String.raw`$1\$2`);
}

function isAllowed(address: string, allowedHosts: readonly string[]): boolean {
  if (!/^https:\/\/[\w./?=&%#~-]+$/iu.test(address) || !URL.canParse(address)) {
    return false;
  }
  const { hostname, username } = new URL(address);
  return username === "" && allowedHosts.includes(hostname);
}

function longestRun(text: string, runs: RegExp): number {
  return (text.match(runs) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}
