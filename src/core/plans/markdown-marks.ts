/** What a checklist item says of its task besides its title; what is absent was not said. */
export interface Marks {
  /** As `T1`, or null. */
  id: string | null;
  /** The `3` of an item that is written `#3`, or null. */
  number: number | null;
  title: string;
  priority: string | null;
  minutes: number | null;
  /** As written: `#3`, `T3`. */
  readonly dependsOn: string[];
  readonly files: string[];
  readonly skills: string[];
  /** A word as `after:` behind which no task is named; null where there is none. */
  nameless: string | null;
}

const idLike = String.raw`[A-Z][A-Za-z]{0,9}-?\d+(?:[.-]\d+)*`;
const reference = String.raw`(?:\x60[A-Za-z0-9][\w.-]*\x60|#\d+|${idLike}\b)`;
/** One id or more, as `#3, T4 and T5`. */
export const references: string = String.raw`${reference}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)${reference})*`;
/** Bounded, as paths are: else each `files:` of a long line would look through all of it. */
const pathPart = String.raw`(?:\{[^{}\s]{0,1024}\}|[^\s,;|()\x60{}]){0,1024}`;
const path = String.raw`(?:\x60[^\x60]{1,1024}\x60|${pathPart}[./*]${pathPart})`;
const paths = String.raw`${path}(?:\s*,\s*${path}|\s+${path})*`;
/** A path as above that fits a text in one way only: what is tried in a list must not be tried twice. */
const plainPath = String.raw`(?:\x60[^\x60]{1,1024}\x60|(?:\{[^{}\s]{0,1024}\}|[^\s,;|()\x60{}./*]){0,1024}[./*]${pathPart})`;
const bareName = String.raw`[\w+@-]{1,255}`;
const names = String.raw`(?:${plainPath}|${bareName})(?:\s*,\s*(?:${plainPath}|${bareName})|\s+${plainPath}){0,255}`;
/** Where marks end: at the end of the line, at a sign that parts, before another mark. */
const endOfMarks = String.raw`(?=[\s,]*$|\s*[;|()[\]]|[\s,]+(?:!|~\d|P[0-3]\b|[-–—]\s|(?:skills?|priority|size|estimate|minutes)\s*:))`;
const word = String.raw`[\w+#.-]+`;

const writtenIds: readonly RegExp[] = [
  /^`([A-Za-z0-9][\w.-]{0,63})`:\s+/u,
  new RegExp(String.raw`^(?:\*\*|__)?(${idLike})(?:\*\*|__)?[:.](?:\*\*|__)?\s+`, "u"),
  new RegExp(String.raw`^\[(?!P[0-3]\])(${idLike})\]:?\s+`, "u"),
];
const writtenNumber = /^#(\d{1,6})[:.]?\s+/u;
const dependsOn = new RegExp(
  String.raw`\b(?:depends(?:[ _-]on|(?=\s*:))|blocked by|after)\s*:?\s*(${references})`,
  "giu",
);
const codeSpan = /`[^`]*`/gu;
/** With a colon it is meant as a mark; without one, as in "after the release", it is a part of the title. */
const namelessWord = /\b(depends[ _-]on|blocked by|after)\s*:/iu;
const files = new RegExp(String.raw`\b(?:files?|scope|paths?)\s*:\s*(${paths})`, "giu");
/** `Makefile` is a file as well, where nothing but names follows: in "the files: all of them" the words go on. */
const namedFiles = new RegExp(String.raw`\b(?:files?|paths?)\s*:\s*(${names})${endOfMarks}`, "giu");
const skills = new RegExp(String.raw`\bskills?\s*:\s*(${word}(?:\s*,\s*${word})*)`, "giu");
const priority = /\bpriority\s*:\s*(critical|high|medium|low|P[0-3])\b/giu;
const size =
  /\b(?:size|estimate|minutes)\s*:\s*(XS|S|M|L|XL|~?\d+(?:\.\d+)?\s*(?:m|min|minutes|h|hours?)?)(?![\w.])/giu;
const loosePriority = /(?<![\w!])!(critical|high|medium|low|P[0-3])\b/giu;
const looseMinutes = /(?<!\S)~(\d+(?:\.\d+)?\s*(?:m|min|minutes|h|hours?))(?![\w.])/giu;
const groups = /[([]([^()[\]]*)[)\]]/gu;
const bareLevel = /(?:^|\s)(P[0-3])$/u;

/** A longer line is no item that a person wrote: it is taken as a title, and refused as one that is too long. */
const longestLine = 32_768;

/** Reads the first line of an item, without its box. */
export function readMarks(line: string): Marks {
  const marks: Marks = {
    id: null,
    number: null,
    title: "",
    priority: null,
    minutes: null,
    dependsOn: [],
    files: [],
    skills: [],
    nameless: null,
  };
  const flat = line.trim().replaceAll(/\s+/gu, " ");
  if (flat.length > longestLine) {
    return { ...marks, title: flat };
  }
  let rest = takeId(flat, marks);
  rest = take(rest, dependsOn, (text) => marks.dependsOn.push(...referencesOf(text)));
  rest = take(rest, namedFiles, (text) => marks.files.push(...pathsOf(text)));
  rest = take(rest, files, (text) => marks.files.push(...pathsOf(text)));
  rest = take(rest, skills, (text) => marks.skills.push(...listOf(text)));
  rest = take(rest, priority, (text) => (marks.priority = priorityOf(text)));
  rest = take(rest, size, (text) => (marks.minutes = minutesOf(text)));
  rest = take(rest, loosePriority, (text) => (marks.priority = priorityOf(text)));
  rest = take(rest, looseMinutes, (text) => (marks.minutes = minutesOf(text)));
  rest = rest.replaceAll(groups, (group, inner: string) => (takeGroup(inner, marks) ? "" : group));
  rest = tidy(rest);
  rest = take(rest, bareLevel, (text) => (marks.priority = priorityOf(text)));
  marks.title = tidy(rest);
  marks.nameless = namelessWord.exec(marks.title.replaceAll(codeSpan, ""))?.[1] ?? null;
  return marks;
}

function takeId(line: string, marks: Marks): string {
  const number = writtenNumber.exec(line);
  if (number !== null) {
    marks.number = Number(number[1]);
    return line.slice(number[0].length);
  }
  for (const pattern of writtenIds) {
    const found = pattern.exec(line);
    if (found !== null) {
      marks.id = found[1] ?? null;
      return line.slice(found[0].length);
    }
  }
  return line;
}

function take(line: string, pattern: RegExp, keep: (text: string) => unknown): string {
  return line.replace(pattern, (_, text: string) => {
    keep(text);
    return " ";
  });
}

/** Takes `(high, ~20m)` or `[M]`, if all of it is marks; an emptied group goes too. */
function takeGroup(inner: string, marks: Marks): boolean {
  const parts = inner.split(/[,;]/u).map((part) => part.trim());
  if (inner.length > 60 || !parts.every((part) => isMark(part))) {
    return false;
  }
  for (const part of parts) {
    marks.priority = priorityOf(part) ?? marks.priority;
    marks.minutes = minutesOf(part) ?? marks.minutes;
  }
  return true;
}

function isMark(text: string): boolean {
  return text === "" || priorityOf(text) !== null || minutesOf(text) !== null;
}

/** Removes what taking marks out leaves: double blanks, empty pairs, separators at the ends. */
function tidy(text: string): string {
  const inner = text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/\([ ,;]*\)|\[[ ,;]*\]/gu, " ")
    .replaceAll(/ +/gu, " ")
    .replaceAll(/ (?=[,;])/gu, "")
    .replaceAll(/(?: \.)+(?= |$)/gu, "");
  return trimmedOf(inner, " ,;|–—·-");
}

/** Takes letters off both ends of a text. A pattern for that would take the square of the time on a long run inside. */
export function trimmedOf(text: string, letters: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && letters.includes(text.charAt(start))) {
    start += 1;
  }
  while (end > start && letters.includes(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(start, end);
}

const levels: Readonly<Record<string, string>> = {
  p0: "critical",
  p1: "high",
  p2: "medium",
  p3: "low",
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
};

/** The priority that a word stands for, `P0` to `P3` included; null when it stands for none. */
export function priorityOf(text: string): string | null {
  const key = text
    .trim()
    .replace(/^!/u, "")
    .replace(/\s+priority$/iu, "")
    .toLowerCase();
  return Object.hasOwn(levels, key) ? (levels[key] ?? null) : null;
}

const sizes: Readonly<Record<string, number>> = { XS: 5, S: 15, M: 30, L: 60, XL: 120 };

/** The minutes that a size (`XS` 5, `S` 15, `M` 30, `L` 60, `XL` 120) or a duration (`~20m`, `1.5h`) stands for; null for none. */
export function minutesOf(text: string): number | null {
  const key = text.trim().toUpperCase();
  if (Object.hasOwn(sizes, key)) {
    return sizes[key] ?? null;
  }
  const found = /^~?(\d{1,6}(?:\.\d{1,2})?)\s*(m|min|minutes|h|hours?)?$/iu.exec(text.trim());
  if (found === null) {
    return null;
  }
  const isHours = found[2]?.toLowerCase().startsWith("h") === true;
  return Math.round(Number(found[1]) * (isHours ? 60 : 1));
}

/** Splits `#3, T4 and T5`. */
export function referencesOf(text: string): readonly string[] {
  return text
    .split(/\s*(?:,|&|\band\b)\s*|\s+/iu)
    .map((part) => unquoted(part))
    .filter((part) => part !== "");
}

/** Splits a list of paths at commas and blanks, but for those in braces or backticks. */
export function pathsOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let token = "";
  let depth = 0;
  let isQuoted = false;
  for (const letter of text) {
    isQuoted = letter === "`" ? !isQuoted : isQuoted;
    depth += letter === "{" ? 1 : letter === "}" ? -1 : 0;
    if (!isQuoted && depth <= 0 && /[\s,]/u.test(letter)) {
      tokens.push(token);
      token = "";
    } else {
      token += letter;
    }
  }
  return [...tokens, token].map((one) => unquoted(one)).filter((one) => one !== "");
}

/** Splits at commas, but for those in backticks. */
export function listOf(text: string): readonly string[] {
  const tokens = text.match(/(?:`[^`]*`|[^,`])+/gu) ?? [];
  return tokens.map((token) => unquoted(token.trim())).filter((token) => token !== "");
}

function unquoted(text: string): string {
  return /^`[^`]*`$/u.test(text) ? text.slice(1, -1) : text;
}
