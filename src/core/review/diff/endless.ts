import type { ChangedFile, DiffLine } from "../change.ts";
import { newTexts, normalizeCode, numberOf, oldTexts } from "./lines.ts";

/** A line longer than this is written by a program. */
const longLine = 5_000;

/** So much of the beginning and of the end of such a line is shown. */
const shownAhead = 600;
const shownBehind = 300;

/** What programs make small. Nobody minifies TypeScript or a `package.json`: there an endless line is only a long way to hide something. */
const minifiable = /\.(?:[cm]?js|css|html?|svg)$/iu;

/**
 * True where a program wrote the file, after the change and before it: all of it that the diff shows are endless lines, with comments of their own
 * lines between. A change cannot make an ordinary file minified, nor hide ordinary lines beside an endless one.
 */
export function isMinified(file: ChangedFile): boolean {
  const { path, oldPath, kind } = file;
  const isNew = kind === "added";
  return (
    minifiable.test(path) &&
    minifiable.test(oldPath ?? path) &&
    isAllEndless(newTexts(file), path) &&
    (isNew || isAllEndless(oldTexts(file), oldPath ?? path))
  );
}

function isAllEndless(texts: readonly string[], path: string): boolean {
  const code = withoutComments(texts, path).filter((text) => text.trim() !== "");
  // Blanks make no line one that nobody can read.
  return code.length > 0 && code.every((text) => normalizeCode(text).length > longLine);
}

function withoutComments(texts: readonly string[], path: string): readonly string[] {
  if (!/(?:js|css)$/iu.test(path)) {
    return texts;
  }
  const isScript = /js$/iu.test(path);
  const code: string[] = [];
  let open: string[] = [];
  for (const text of texts) {
    const bare = text.trim();
    const isInside = open.length > 0;
    if (isInside || opensComment(bare)) {
      open.push(text);
    } else if (!isWholeComment(bare, isScript)) {
      code.push(text);
    }
    if (isInside && bare.includes("*/")) {
      // What stands behind the end is code, and so are the lines that it ends.
      code.push(...(endsAtOnce(bare, 0) ? [] : open));
      open = [];
    }
  }
  // What does not end is no comment of the lines that are shown.
  return [...code, ...open];
}

function opensComment(bare: string): boolean {
  return bare.startsWith("/*") && !bare.includes("*/", 2);
}

/** What follows a comment on its line is code; so is what stands behind another line end of JavaScript. */
function isWholeComment(bare: string, isScript: boolean): boolean {
  return bare.startsWith("/*")
    ? endsAtOnce(bare, 2)
    : isScript && bare.startsWith("//") && !/[\r\u2028\u2029]/u.test(bare);
}

/** True where the first end of a comment ends the text, too. */
function endsAtOnce(bare: string, from: number): boolean {
  const end = bare.indexOf("*/", from);
  return end >= from && end === bare.length - 2;
}

/** A file as reviewers are shown it, and its endless lines, which are cut. */
export interface CutFile {
  readonly file: ChangedFile;
  readonly cut: readonly CutLine[];
}

export interface CutLine {
  readonly path: string;
  /** As reviewers see its number; null: of a line that the change takes away. */
  readonly line: number | null;
  readonly chars: number;
}

/** Cuts the endless lines of a file of which they are half the text or more: whole they would take all the room. */
export function cutEndless(file: ChangedFile): CutFile {
  if (!isMostlyEndless(newTexts(file))) {
    return { file, cut: [] };
  }
  const cut: CutLine[] = [];
  const cutLine = (line: DiffLine): DiffLine => {
    const { length } = line.text;
    if (length <= longLine) {
      return line;
    }
    cut.push({ path: file.path, line: numberOf(file, line), chars: length });
    return { ...line, text: shortened(line.text) };
  };
  const hunks = file.hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.map(cutLine) }));
  return { file: { ...file, hunks }, cut };
}

function isMostlyEndless(texts: readonly string[]): boolean {
  let [all, long] = [0, 0];
  for (const { length } of texts) {
    all += length;
    long += length > longLine ? length : 0;
  }
  return long > 0 && long * 2 >= all;
}

function shortened(text: string): string {
  // No half of a sign is shown.
  const ahead = text.slice(0, shownAhead).replace(/[\uD800-\uDBFF]$/u, "");
  const behind = text.slice(-shownBehind).replace(/^[\uDC00-\uDFFF]/u, "");
  const left = text.length - ahead.length - behind.length;
  return `${ahead} [${String(left)} characters are cut here] ${behind}`;
}

/** So many lines are named; the rest is counted. */
const mostNamed = 5;

/** What was not shown whole, in one sentence. */
export function cutNotes(cut: readonly CutLine[]): readonly string[] {
  const named = cut.slice(0, mostNamed).map(({ path, line, chars }) => {
    const at = line === null ? "a line taken away" : String(line);
    return `${path.slice(-80)}:${at} (${String(chars)} characters)`;
  });
  const more = cut.length - mostNamed;
  return cut.length === 0
    ? []
    : [
        `Reviewers were shown these endless lines cut, and nobody saw the rest of them: ${named.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}.`,
      ];
}
