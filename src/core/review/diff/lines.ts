import type { ChangedFile, DiffLine, Hunk } from "../change.ts";
import type { LineRange } from "../review.ts";

/** The number by which people and models name a line of this file: the new side's; in a deleted file the old side's. */
export function numberOf({ kind }: Pick<ChangedFile, "kind">, line: DiffLine): number | null {
  return kind === "deleted" ? line.oldLine : line.newLine;
}

/** The texts of a file's added lines. */
export function addedTexts(file: ChangedFile): readonly string[] {
  return textsOf(file, ({ kind }) => kind === "added");
}

/** The texts of all lines that stand on a file's new side. */
export function newTexts(file: ChangedFile): readonly string[] {
  return textsOf(file, ({ newLine }) => newLine !== null);
}

/** The texts of all lines that stand on a file's old side. */
export function oldTexts(file: ChangedFile): readonly string[] {
  return textsOf(file, ({ oldLine }) => oldLine !== null);
}

/** Where a hunk lies. */
export function rangeOf(file: ChangedFile, hunk: Hunk): LineRange {
  const start = file.kind === "deleted" ? hunk.oldStart : hunk.newStart;
  let [line, endLine] = [start, start];
  let isFirst = true;
  for (const each of hunk.lines) {
    const number = numberOf(file, each);
    if (number !== null) {
      line = isFirst ? number : line;
      endLine = number;
      isFirst = false;
    }
  }
  return { path: file.path, line, endLine };
}

/** Takes out what differs between two ways to write the same code: space at the ends and runs of it. */
export function normalizeCode(text: string): string {
  return text.trim().replaceAll(/\s+/gu, " ");
}

/** The lines of a quoted text in normal form, without empty ones. */
export function normalLines(quoted: string): readonly string[] {
  return quoted
    .split(/\r?\n/u)
    .map(normalizeCode)
    .filter((line) => line !== "");
}

function textsOf(file: ChangedFile, fits: (line: DiffLine) => boolean): readonly string[] {
  return file.hunks.flatMap(({ lines }) => lines.filter(fits).map(({ text }) => text));
}
