/** The words around what Skein wrote into a file of somebody else. */
const beginMark = "# >>> skein >>>";
const endMark = "# <<< skein <<<";

/** A mark counts where nothing but white space shares its line. A sign that tells the order of bytes may stand before the first line. */
const marks = /(?<=^\uFEFF?|\n)[ \t]*(# >>> skein >>>|# <<< skein <<<)[ \t]*(?=\r?(?:\n|$))/gu;

/** Tells of a line, from 1, that what stands on it is part of a text, so that a mark there is none. */
export type IsText = (line: number) => boolean;

const noText: IsText = () => false;

/** Where Skein's block stands: from the beginning of one line to the end of another, without its line end. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** The lines of the marks, from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/** How a block is written, and what of others stays around it. Each text is of whole lines with their ends. */
export interface Form {
  readonly isText?: IsText | undefined;
  /** Which block, where there are several. Default the first. */
  readonly place?: Place | undefined;
  readonly lineEnd?: string | undefined;
  /** What comes before the block. */
  readonly above?: string | undefined;
  /** What stands in the block below its lines. */
  readonly within?: string | undefined;
  /** What comes after the block. */
  readonly below?: string | undefined;
}

/** Puts lines between Skein's marks: in place of an earlier block, else at the end of the text. Nothing else changes. */
export function setBlock(text: string, lines: readonly string[], form: Form = {}): string {
  const { isText = noText, lineEnd = "\n", above = "", within = "" } = form;
  const inside = `${lines.map((line) => `${line}${lineEnd}`).join("")}${within}`;
  const content = `${beginMark}${lineEnd}${inside}${endMark}`;
  const place = placeOf(text, isText);
  return place === null
    ? `${text}${gapBehind(text, lineEnd)}${content}${lineEnd}`
    : `${text.slice(0, place.start)}${above}${content}${behind(text.slice(place.end), form)}`;
}

/** The empty line before a block, and the end of the last line where it has none. */
function gapBehind(text: string, lineEnd: string): string {
  if (text === "") {
    return "";
  }
  return text.endsWith("\n") ? lineEnd : lineEnd.repeat(2);
}

/** What follows a block's last mark, from its line end on. */
function behind(rest: string, { lineEnd = "\n", below = "" }: Form): string {
  const own = lineEndAt(rest);
  return below === "" ? rest : `${own === "" ? lineEnd : own}${below}${rest.slice(own.length)}`;
}

/** Takes Skein's block out, with the empty line before it where there is one. */
export function removeBlock(text: string, form: Form = {}): string {
  const place = form.place ?? placeOf(text, form.isText);
  if (place === null) {
    return text;
  }
  const kept = `${form.above ?? ""}${form.below ?? ""}`;
  const before = text.slice(0, place.start);
  const rest = text.slice(place.end);
  const isGapKept = kept !== "" && lineEndAt(kept) === "";
  return `${isGapKept ? before : withoutGap(before)}${kept}${rest.slice(lineEndAt(rest).length)}`;
}

/** The text with Skein's block emptied, so that all other lines keep their numbers. */
export function besideBlock(text: string, isText: IsText = noText): string {
  const place = placeOf(text, isText);
  if (place === null) {
    return text;
  }
  const { start, end } = place;
  const emptied = text.slice(start, end).replaceAll(/[^\n]/gu, "");
  return `${text.slice(0, start)}${emptied}${text.slice(end)}`;
}

/** Skein's block, whole lines; empty where there is none. */
export function blockOf(text: string, isText: IsText = noText): string {
  const place = placeOf(text, isText);
  return place === null ? "" : `${text.slice(place.start, place.end)}\n`;
}

/** Finds Skein's block, the first of several; null where there is none. */
export function placeOf(text: string, isText: IsText = noText): Place | null {
  return placesOf(text, isText)[0] ?? null;
}

/** Finds every block: each end with the last beginning before it. Where one end was lost, what others wrote behind it is no part of a block. */
export function placesOf(text: string, isText: IsText = noText): readonly Place[] {
  return pairsIn(marksIn(text, isText)).map(({ begin, end }) => ({
    start: begin.at,
    end: end.end,
    firstLine: begin.line,
    lastLine: end.line,
  }));
}

export interface LoneMark {
  readonly mark: string;
  /** From 1. */
  readonly line: number;
}

/** A mark without the other one that belongs to it; null where there is none. */
export function loneMark(text: string, isText: IsText = noText): LoneMark | null {
  const found = marksIn(text, isText);
  const paired = new Set(pairsIn(found).flatMap(({ begin, end }) => [begin, end]));
  return found.find((each) => !paired.has(each)) ?? null;
}

/** True where a mark stands on a line of its own that is part of a text. */
export function hasMarkInText(text: string, isText: IsText): boolean {
  return marksIn(text, noText).some(({ line }) => isText(line));
}

/** What stands between the marks of a block, whole lines with their ends. */
export function insideOf(text: string, { start, end }: Place): string {
  const block = text.slice(start, end);
  return block.slice(block.indexOf("\n") + 1, block.lastIndexOf("\n") + 1);
}

/** The last of two line ends goes: between them is the empty line that stands before a block. */
function withoutGap(before: string): string {
  const gap = /(?<=\n)\r?\n$/u.exec(before.slice(-3))?.[0] ?? "";
  return before.slice(0, before.length - gap.length);
}

/** The line end with which a text begins; empty where it begins with something else. */
function lineEndAt(text: string): string {
  return /^\r?\n/u.exec(text.slice(0, 2))?.[0] ?? "";
}

interface Pair {
  readonly begin: Mark;
  readonly end: Mark;
}

function pairsIn(found: readonly Mark[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let begin: Mark | null = null;
  for (const each of found) {
    if (each.mark === beginMark) {
      begin = each;
    } else if (begin !== null) {
      pairs.push({ begin, end: each });
      begin = null;
    }
  }
  return pairs;
}

interface Mark {
  readonly mark: string;
  readonly at: number;
  readonly end: number;
  readonly line: number;
}

function marksIn(text: string, isText: IsText): readonly Mark[] {
  let line = 1;
  let from = 0;
  return [...text.matchAll(marks)].flatMap((found): readonly Mark[] => {
    line += text.slice(from, found.index).split("\n").length - 1;
    from = found.index;
    const [whole, mark = ""] = found;
    return isText(line) ? [] : [{ mark, at: from, end: from + whole.length, line }];
  });
}
