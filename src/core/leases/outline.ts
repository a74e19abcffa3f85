import { expandBraces } from "./braces.ts";
import { foldText } from "./fold.ts";
import { segmentTexts, star } from "./glob.ts";
import type { PathPolicy, SegmentPlace } from "./glob.ts";
import type { PathPattern } from "./path-pattern.ts";

/** How every path of a pattern, or of one of its alternatives, begins and ends. */
export interface Outline {
  readonly head: string;
  readonly tail: string;
}

/** Tells the fixed beginnings and endings of a pattern: enough to rule most pairs of patterns out without looking closer. */
export function outlinesOf(pattern: PathPattern, policy: PathPolicy): readonly Outline[] {
  const texts = pattern.kind === "glob" ? expandBraces(pattern.text) : [pattern.text];
  return texts.map((text) => foldOutline(outlineOf(text, pattern.kind), policy));
}

/**
 * False when no path can have both outlines. A head that ends in `/` before a `**` may lack it in one path, the head itself; the other
 * pattern's head then begins this one all the same. So with tails.
 */
export function mayMeet(one: Outline, other: Outline): boolean {
  return (
    (one.head.startsWith(other.head) || other.head.startsWith(one.head)) &&
    (one.tail.endsWith(other.tail) || other.tail.endsWith(one.tail))
  );
}

/** False when two names without a wildcard stand in the same place, counted from the first or from the last, and differ. */
export function namesMayMeet(
  one: readonly SegmentPlace[],
  other: readonly SegmentPlace[],
): boolean {
  return agreeFrom(one, other, { of: 0, step: 1 }) && agreeFrom(one, other, { of: 1, step: -1 });
}

/** Up to the first place that stands for any run. `of` counts lengths: from the last place on, steps go back. */
function agreeFrom(
  one: readonly SegmentPlace[],
  other: readonly SegmentPlace[],
  { of, step }: { readonly of: 0 | 1; readonly step: 1 | -1 },
): boolean {
  let left = of * (one.length - 1);
  let right = of * (other.length - 1);
  for (;;) {
    const mine = one[left];
    const theirs = other[right];
    if (mine === undefined || theirs === undefined || mine === star || theirs === star) {
      return true;
    }
    if (mine.text !== null && theirs.text !== null && mine.text !== theirs.text) {
      return false;
    }
    left += step;
    right += step;
  }
}

function outlineOf(text: string, kind: PathPattern["kind"]): Outline {
  if (kind !== "glob") {
    return { head: text, tail: kind === "dir" ? "" : text };
  }
  const path = segmentTexts(text).join("/");
  const first = path.search(wildcard);
  if (first === -1) {
    return { head: path, tail: path };
  }
  return { head: path.slice(0, first), tail: path.slice(path.search(afterLastWildcard)) };
}

const wildcard = /[*?[]/u;

/** What follows the last `*`, `?` or class; a `]` counts as the end of a class, which at worst tells less. */
const afterLastWildcard = /[^*?[\]]*$/u;

/** Letters outside ASCII may change under case and composition together: then nothing is told. */
function foldOutline({ head, tail }: Outline, { caseInsensitive }: PathPolicy): Outline {
  return caseInsensitive ? { head: foldAscii(head), tail: foldAscii(tail) } : { head, tail };
}

function foldAscii(text: string): string {
  return /^[\0-\u007F]*$/u.test(text) ? foldText(text) : "";
}
