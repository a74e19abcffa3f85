import type { ChangedFile, DiffLine, Hunk } from "../change.ts";
import { normalLines, normalizeCode, numberOf } from "./lines.ts";
import { showHidden } from "../../base/text.ts";

/** One place where a quoted text stands. */
export interface Occurrence {
  readonly line: number;
  readonly endLine: number;
  /** The last line of its hunk. */
  readonly lastLine: number;
}

/** A part of a line shorter than this stands nearly everywhere. */
const leastPart = 6;

/** What a reviewer may have copied along with the code: the number and the sign of the shown line. */
const shownPrefix = /^\s*\d*\s*\|[ +-]?|^[+-]/u;

/**
 * Finds the places in a file's hunks where the quoted lines stand one after the other; space does not count. Tried in this order, the first
 * that finds any wins: as quoted; without the numbers and signs of the shown diff; a single line as a part of a line; among the lines that
 * the change took away, which are placed at the next line that is left.
 */
export function findQuoted(file: ChangedFile, quoted: string): readonly Occurrence[] {
  const asQuoted = normalLines(quoted).map(showHidden);
  const bare = normalLines(
    quoted
      .split("\n")
      .map((line) => line.replace(shownPrefix, ""))
      .join("\n"),
  ).map(showHidden);
  const present = file.hunks.map((hunk) => presentLines(file, hunk));
  const gone = file.kind === "deleted" ? [] : file.hunks.map(removedLines);
  const searches = [
    () => runsOf(present, asQuoted, isSame),
    () => runsOf(present, bare, isSame),
    () => partsOf(present, asQuoted),
    () => partsOf(present, bare),
    () => runsOf(gone, bare, isSame),
  ];
  for (const search of searches) {
    const found = search();
    if (found.length > 0) {
      return found;
    }
  }
  return [];
}

interface Line {
  readonly number: number;
  readonly code: string;
}

function presentLines(file: ChangedFile, hunk: Hunk): readonly Line[] {
  return hunk.lines.flatMap((line) => {
    const number = numberOf(file, line);
    return number === null ? [] : [{ number, code: codeOf(line) }];
  });
}

function removedLines({ lines, newStart }: Hunk): readonly Line[] {
  const removed: Line[] = [];
  let number = Math.max(1, newStart);
  for (const line of lines) {
    if (line.newLine === null) {
      removed.push({ number, code: codeOf(line) });
    } else {
      number = line.newLine + 1;
    }
  }
  const last = lines.findLast(({ newLine }) => newLine !== null)?.newLine ?? number;
  return removed.map((each) => ({ ...each, number: Math.min(each.number, last) }));
}

/** As reviewers were shown it, hidden characters written out. */
function codeOf({ text }: DiffLine): string {
  return showHidden(normalizeCode(text));
}

/** A secret that was taken out before the reviewers saw the line stands for any text. */
function isSame(code: string, quoted: string): boolean {
  const [first = "", ...rest] = quoted.split(redacted);
  const last = rest.pop();
  if (last === undefined) {
    return code === quoted;
  }
  let at = first.length;
  for (const part of rest) {
    const found = code.indexOf(part, at);
    at = found === -1 ? code.length + 1 : found + part.length;
  }
  return code.startsWith(first) && code.endsWith(last) && code.length >= at + last.length;
}

const redacted = /\[redacted:[\w-]+\]/u;

function partsOf(
  hunks: readonly (readonly Line[])[],
  quoted: readonly string[],
): readonly Occurrence[] {
  const isPart = quoted.length === 1 && (quoted[0]?.length ?? 0) >= leastPart;
  return isPart ? runsOf(hunks, quoted, (code, part) => code.includes(part)) : [];
}

/** Empty lines are in neither of the two that are compared. */
function runsOf(
  hunks: readonly (readonly Line[])[],
  quoted: readonly string[],
  fits: (code: string, quoted: string) => boolean,
): readonly Occurrence[] {
  if (quoted.length === 0) {
    return [];
  }
  return hunks.flatMap((hunk) => {
    const lines = hunk.filter(({ code }) => code !== "");
    return lines.flatMap((first, index) => {
      const last = lines[index + quoted.length - 1];
      const isRun = quoted.every((text, offset) => {
        const line = lines[index + offset];
        return line !== undefined && fits(line.code, text);
      });
      return isRun && last !== undefined
        ? [
            {
              line: first.number,
              endLine: last.number,
              lastLine: hunk.at(-1)?.number ?? last.number,
            },
          ]
        : [];
    });
  });
}
