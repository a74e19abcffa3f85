import { foldText, hasPoint } from "./fold.ts";
import { segmentTexts, star } from "./glob.ts";
import type { PathPolicy, Segment, SegmentPlace } from "./glob.ts";
import { createMemo } from "../base/memo.ts";

/**
 * True when a compiled pattern describes a path. Says what the walk over both automata says of a pattern and a literal, for a fraction of its
 * cost: after a mismatch only the latest star takes one element more, so the time is at most the product of the lengths.
 */
export function patternFits(
  alternatives: readonly (readonly SegmentPlace[])[],
  path: string,
  { caseInsensitive }: PathPolicy,
): boolean {
  const folded = caseInsensitive ? foldText(path) : path;
  const names = namesOfPaths.of(folded, () => namesIn(folded));
  return alternatives.some((places) => fits(places, names, isNamed));
}

interface Name {
  readonly text: string;
  readonly points: readonly number[];
}

/** One path is held against many patterns in a row. */
const namesOfPaths = createMemo<readonly Name[]>(64);

function namesIn(path: string): readonly Name[] {
  return segmentTexts(path).map((text) => ({ text, points: pointsOf(text) }));
}

function isNamed({ text, places }: Segment, name: Name): boolean {
  return text === null ? fits(places, name.points, hasPoint) : text === name.text;
}

function pointsOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function fits<E, I>(
  places: readonly (E | typeof star)[],
  items: readonly I[],
  isIn: (element: E, item: I) => boolean,
): boolean {
  let place = 0;
  let item = 0;
  let starAt = -1;
  let starEnd = 0;
  while (item < items.length) {
    const element = places[place];
    const current = items[item];
    if (element === star) {
      starAt = place;
      starEnd = item;
      place += 1;
    } else if (element !== undefined && current !== undefined && isIn(element, current)) {
      place += 1;
      item += 1;
    } else if (starAt < 0) {
      return false;
    } else {
      starEnd += 1;
      item = starEnd;
      place = starAt + 1;
    }
  }
  return places.slice(place).every((rest) => rest === star);
}
