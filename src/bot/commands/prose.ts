/** HTML whose words are hidden, or shown and not said. */
const start = /<(?:!--|(?<tag>pre|code|samp|blockquote|textarea|script|style)(?=[\s>]|$))/iu;

function endOf(tag: string | undefined): RegExp {
  return tag === undefined
    ? /-->/u
    : new RegExp(`<(?:(?<close>/)${tag}\\s{0,20}>|${tag}(?=[\\s>]|$))`, "iu");
}

/** A quote may stand in items of lists. */
const quoteMark = /^ {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}){0,9}>/u;

/** Where a reading of lines stands. */
interface Place {
  /** The mark of the fenced code that is open; null: none. */
  fence: string | null;
  /** What ends the HTML that is open; null: none. */
  end: RegExp | null;
  /** How many elements of one kind stand in each other, as quotes of quotes do. */
  depth: number;
  /** True from a quote on to the next empty line: the lines of its paragraph belong to it, with a mark or without. */
  isQuoted: boolean;
}

/**
 * The lines of a comment that its author says: those in fenced code, in quotes with all of their paragraph, in code spans that go over several
 * lines, and in HTML that hides or shows text are empty. Somebody else's words that were pasted there say nothing.
 */
export function linesOfProse(body: string): readonly string[] {
  const place: Place = { fence: null, end: null, depth: 0, isQuoted: false };
  const lines = body.split(/\r\n?|\n/u).map((line) => (isSaid(line, place) ? line : ""));
  return lines
    .join("\n")
    .split(/\n(?:[ \t]*\n)+/u)
    .flatMap((paragraph) => withoutSpans(paragraph).split("\n"));
}

function isSaid(line: string, place: Place): boolean {
  return !isHtml(line, place) && !isFenced(line, place) && !isQuote(line, place);
}

function isFenced(line: string, place: Place): boolean {
  const mark = /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1];
  if (place.fence !== null) {
    const isEnd = mark?.startsWith(place.fence) === true && /^ *(?:`+|~+)[ \t]*$/u.test(line);
    place.fence = isEnd ? null : place.fence;
    return true;
  }
  place.fence = mark ?? null;
  return mark !== undefined;
}

function isQuote(line: string, place: Place): boolean {
  place.isQuoted = quoteMark.test(line) || (place.isQuoted && line.trim() !== "");
  return place.isQuoted;
}

/** In code a tag is only a word, and in what a tag has opened a fence is. */
function isHtml(line: string, place: Place): boolean {
  if (place.fence !== null) {
    return false;
  }
  const wasOpen = place.end !== null;
  let rest: string | null = line.replaceAll(/`[^`]+`/gu, "");
  while (rest !== null) {
    rest = place.end === null ? opened(rest, place) : closed(rest, place.end, place);
  }
  return wasOpen;
}

/** What follows the first thing that the text opens; null where it opens none. */
function opened(text: string, place: Place): string | null {
  const match = start.exec(text);
  if (match === null) {
    return null;
  }
  place.end = endOf(match.groups?.["tag"]);
  place.depth = 1;
  return text.slice(match.index + match[0].length);
}

function closed(text: string, end: RegExp, place: Place): string | null {
  const match = end.exec(text);
  if (match === null) {
    return null;
  }
  const isInner = match[0] !== "-->" && match.groups?.["close"] === undefined;
  place.depth += isInner ? 1 : -1;
  place.end = place.depth === 0 ? null : end;
  return text.slice(match.index + match[0].length);
}

/** Code spans end in their paragraph; one that has a whole line in it takes it along. */
function withoutSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(/`+/gu)];
  let [text, at] = ["", 0];
  for (let index = 0; index < runs.length; index += 1) {
    const [first, end] = [runs[index], endOfSpan(paragraph, runs, index)];
    const last = end === null ? undefined : runs[end];
    if (end !== null && first !== undefined && last !== undefined) {
      const span = paragraph.slice(first.index, last.index + last[0].length);
      text += paragraph.slice(at, first.index) + span.replaceAll(/\n[^\n]*/gu, "\n");
      at = last.index + last[0].length;
      index = end;
    }
  }
  return text + paragraph.slice(at);
}

/** Where a run of backticks as long as this one follows; null where none does, and behind a backslash. */
function endOfSpan(
  paragraph: string,
  runs: readonly RegExpExecArray[],
  index: number,
): number | null {
  const first = runs[index];
  if (first === undefined || paragraph.charAt(first.index - 1) === "\\") {
    return null;
  }
  for (let end = index + 1; end < runs.length; end += 1) {
    if (runs[end]?.[0].length === first[0].length) {
      return end;
    }
  }
  return null;
}
