import { insideOf, placeOf, placesOf, removeBlock, setBlock } from "./marked-block.ts";
import type { Place } from "./marked-block.ts";

/** Tells of a line between Skein's marks that it is Skein's. */
export type IsOwnLine = (line: string) => boolean;

/**
 * Git's list of what it passes over, with these lines between Skein's marks: in place of those from before, else at its end. A person's
 * lines stay as they are; what stands between the marks and is not Skein's goes below them.
 */
export function withExcluded(text: string, lines: readonly string[], isOwn: IsOwnLine): string {
  if (lines.length === 0) {
    return withoutExcluded(text, isOwn);
  }
  const place = placeOf(text);
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const below = place === null ? "" : strangersIn(text, place, isOwn);
  return setBlock(text, lines, { lineEnd, below });
}

/** The list without Skein's lines. */
export function withoutExcluded(text: string, isOwn: IsOwnLine): string {
  return placesOf(text).reduceRight(
    (left, place) => removeBlock(left, { place, below: strangersIn(left, place, isOwn) }),
    text,
  );
}

/** The lines that stand between Skein's marks. */
export function listedLines(text: string): readonly string[] {
  return placesOf(text).flatMap((place) =>
    insideOf(text, place)
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== ""),
  );
}

/** True for a line, from 1, between Skein's marks. */
export function isListedAt(text: string, line: number): boolean {
  return placesOf(text).some(({ firstLine, lastLine }) => line > firstLine && line < lastLine);
}

/** A file as a line of the list that means it alone; null for one that no line can mean. */
export function lineOf(name: string): string | null {
  return /[\r\n]/u.test(name)
    ? null
    : `/${name.replaceAll(/[\\*?[]/gu, String.raw`\$&`).replace(/ $/u, String.raw`\ `)}`;
}

function strangersIn(text: string, place: Place, isOwn: IsOwnLine): string {
  return insideOf(text, place)
    .split(/(?<=\n)/u)
    .filter((line) => line.trim() !== "" && !isOwn(line.trimEnd()))
    .join("");
}
