import { expandBraces } from "./braces.ts";
import { foldText } from "./fold.ts";
import { segmentTexts } from "./glob.ts";
import type { PathPolicy } from "./glob.ts";
import { createMemo } from "../base/memo.ts";
import type { PathPattern } from "./path-pattern.ts";

/**
 * Tells with what the paths of a pattern end, from the last dot of their name on: each ending once, an empty text for names without a
 * dot. Null when that is not fixed, as for a directory. Two patterns whose endings differ never meet.
 */
export function endingsOf(
  pattern: PathPattern,
  { caseInsensitive }: PathPolicy,
): readonly string[] | null {
  const endings = exactEndings(pattern);
  return endings === null || !caseInsensitive ? endings : foldEndings(endings);
}

function exactEndings({ kind, text }: PathPattern): readonly string[] | null {
  switch (kind) {
    case "literal":
      return [endingOfName(text.slice(text.lastIndexOf("/") + 1))];
    case "dir":
      return null;
    case "glob":
      return globEndings.of(text, () => ({ endings: endingsOfGlob(text) })).endings;
  }
}

const globEndings = createMemo<{ readonly endings: readonly string[] | null }>(4_000);

function endingsOfGlob(text: string): readonly string[] | null {
  const endings = expandBraces(text).map(endingOfGlob);
  const known = endings.filter((ending) => ending !== null);
  return known.length === endings.length ? [...new Set(known)] : null;
}

function endingOfGlob(text: string): string | null {
  const name = segmentTexts(text).at(-1) ?? "**";
  if (!/[*?[\]]/u.test(name)) {
    return endingOfName(name);
  }
  const tail = /[^*?[\]]*$/u.exec(name)?.[0] ?? "";
  return tail.includes(".") ? endingOfName(tail) : null;
}

function endingOfName(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot);
}

/** Letters outside ASCII may change under case and composition together: then nothing is told. */
function foldEndings(endings: readonly string[]): readonly string[] | null {
  return endings.every((ending) => /^[\0-\u007F]*$/u.test(ending))
    ? [...new Set(endings.map(foldText))]
    : null;
}
