import { lastUpTo } from "./last-up-to.ts";
import type { Span } from "./spans.ts";

/** A text in which escapes stand as the characters that they mean. */
export interface Unescaped {
  readonly text: string;
  /** Where spans of it stand in what was written: an escape is covered whole. */
  place(spans: readonly Span[]): readonly Span[];
}

/**
 * One character of ASCII as addresses have it, up to five times over (`%41`, `%2541`), as literals do (`\x41`, `\u0041`, `\u{41}`), or as pages do (`&#65;`,
 * `&#x41;`). Linear: what repeats is bounded.
 */
const escape =
  /%(?:25){0,4}([2-7][0-9a-f])|\\x([2-7][0-9a-f])|\\u00([2-7][0-9a-f])|\\u\{0{0,4}([2-7][0-9a-f])\}|&#x0{0,5}([2-7][0-9a-f]);|&#0{0,5}(\d{2,3});/giu;

/** Null where nothing is escaped. */
export function unescaped(text: string): Unescaped | null {
  const pieces: string[] = [];
  /** Where each stretch of one kind begins, here and in what was written. Nothing lies between them. */
  const starts = [0];
  const places = [0];
  let length = 0;
  let from = 0;
  for (const match of text.matchAll(escape)) {
    const kept = text.slice(from, match.index);
    pieces.push(kept, meantBy(match));
    from = match.index + match[0].length;
    length += kept.length + 1;
    starts.push(length - 1, length);
    places.push(match.index, from);
  }
  if (pieces.length === 0) {
    return null;
  }
  const placeOf = (at: number): number => {
    const index = lastUpTo(starts, at);
    return (places[index] ?? 0) + at - (starts[index] ?? 0);
  };
  return {
    text: [...pieces, text.slice(from)].join(""),
    place: (spans) =>
      spans.map(({ start, end, kind }) => ({ start: placeOf(start), end: placeOf(end), kind })),
  };
}

function meantBy(match: RegExpExecArray): string {
  const digits: readonly (string | undefined)[] = match.slice(1);
  const hex = digits.slice(0, -1).find((each) => each !== undefined);
  return String.fromCharCode(hex === undefined ? Number(digits.at(-1)) : Number.parseInt(hex, 16));
}
