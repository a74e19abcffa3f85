import { SkeinError } from "../base/errors.ts";
import { endOfClass, expandBraces, hasAlternation } from "./braces.ts";
import { leaseErrors } from "./errors.ts";
import { closeUnderFold, foldText, joinRanges } from "./fold.ts";
import type { CharSet } from "./fold.ts";

/** Any run of characters inside a segment, or any run of segments. */
export const star = "*";

/** One place of a segment: a set of characters, or any run of them. */
export type CharPlace = CharSet | typeof star;

/** One segment of a compiled pattern; `text` when it has no wildcard. Case is folded already where the project asks for it. */
export interface Segment {
  readonly text: string | null;
  readonly places: readonly CharPlace[];
}

/** One place of a compiled pattern: a segment, or any run of segments, none included. */
export type SegmentPlace = Segment | typeof star;

/** How a project compares paths. */
export interface PathPolicy {
  /** True when the file system of anyone in the project ignores case. */
  readonly caseInsensitive: boolean;
}

/** True when a text has `*`, `?`, `[` or an alternation. */
export function hasGlobCharacters(text: string): boolean {
  return /[*?[]/u.test(text) || hasAlternation(text);
}

/**
 * Reads a glob into its alternatives. `*` and `?` match any character but `/`, a leading dot too; `**` as a whole segment matches any
 * number of segments, none included, and inside a segment it is a `*`.
 *
 * @throws {SkeinError} SKN-1505 or SKN-1506 when it cannot be read.
 */
export function compileGlob(
  text: string,
  policy: PathPolicy,
): readonly (readonly SegmentPlace[])[] {
  return expandBraces(text).map((alternative) =>
    segmentTexts(alternative).map((segment) =>
      segment === "**" ? star : compileSegment(segment, policy),
    ),
  );
}

/** Makes a segment that stands for one name. */
export function literalSegment(name: string, { caseInsensitive }: PathPolicy): Segment {
  const text = caseInsensitive ? foldText(name) : name;
  let places: readonly CharPlace[] | null = null;
  return {
    text,
    // Most are compared as texts and never need them.
    get places() {
      places ??= Array.from(text, (character) => onePoint(character));
      return places;
    },
  };
}

/** Splits at `/`, without empty segments and `.`. */
export function segmentTexts(text: string): readonly string[] {
  return text.split("/").filter((segment) => segment !== "" && segment !== ".");
}

const anyCharacter: CharSet = complement([[0x2f, 0x2f]]);

function compileSegment(text: string, policy: PathPolicy): Segment {
  if (!/[*?[]/u.test(text)) {
    return literalSegment(text, policy);
  }
  const places: CharPlace[] = [];
  let index = 0;
  while (index < text.length) {
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (character === "[") {
      const end = endOfClass(text, index);
      if (end === -1) {
        throw badClass(text.slice(index), "it is not closed before the next `/`");
      }
      places.push(compileClass(text.slice(index, end), policy));
      index = end;
      continue;
    }
    if (character !== star || places.at(-1) !== star) {
      places.push(...compileCharacter(character, policy));
    }
    index += character.length;
  }
  return { text: null, places };
}

function compileCharacter(
  character: string,
  { caseInsensitive }: PathPolicy,
): readonly CharPlace[] {
  switch (character) {
    case star:
      return [star];
    case "?":
      return [anyCharacter];
    default:
      return Array.from(caseInsensitive ? foldText(character) : character, onePoint);
  }
}

/** Reads `[a-z_]`, `[!a-z]` or `[^a-z]`. */
function compileClass(text: string, { caseInsensitive }: PathPolicy): CharSet {
  const isNegated = text[1] === "!" || text[1] === "^";
  const members = Array.from(text.slice(isNegated ? 2 : 1, -1));
  if (members.includes("/") || (members.includes("[") && members.includes(":"))) {
    throw badClass(text, "a class holds single characters, no `/` and no `[:name:]`");
  }
  const set = joinRanges(readRanges(members, text));
  const closed = caseInsensitive ? closeUnderFold(set) : set;
  const result = isNegated
    ? complement(joinRanges([...closed, [0x2f, 0x2f]]))
    : withoutSlash(closed);
  if (result.length === 0) {
    throw badClass(text, "the class holds no character");
  }
  return result;
}

function readRanges(members: readonly string[], text: string): CharSet {
  const ranges: [number, number][] = [];
  let index = 0;
  while (index < members.length) {
    const from = pointOf(members[index]);
    const isRange = members[index + 1] === "-" && index + 2 < members.length;
    const to = isRange ? pointOf(members[index + 2]) : from;
    if (to < from) {
      throw badClass(text, "a range runs backwards");
    }
    ranges.push([from, to]);
    index += isRange ? 3 : 1;
  }
  return ranges;
}

function complement(set: CharSet): CharSet {
  const rest: [number, number][] = [];
  let from = 1;
  for (const [low, high] of joinRanges([...set, [0xd8_00, 0xdf_ff]])) {
    if (from < low) {
      rest.push([from, low - 1]);
    }
    from = high + 1;
  }
  return from <= 0x10_ff_ff ? [...rest, [from, 0x10_ff_ff]] : rest;
}

function withoutSlash(set: CharSet): CharSet {
  return set.flatMap(([from, to]): CharSet => {
    if (from > 0x2f || to < 0x2f) {
      return [[from, to]];
    }
    return [
      ...(from < 0x2f ? [[from, 0x2e] as const] : []),
      ...(to > 0x2f ? [[0x30, to] as const] : []),
    ];
  });
}

function onePoint(character: string): CharSet {
  const point = pointOf(character);
  return [[point, point]];
}

function pointOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

function badClass(text: string, why: string): SkeinError {
  return new SkeinError(leaseErrors.globSyntax, {
    message: `The class \`${text}\` cannot be read: ${why}.`,
    facts: { class: text },
  });
}
