import { patternFits } from "./fitting.ts";
import { commonRanges, foldText, hasPoint } from "./fold.ts";
import type { CharSet } from "./fold.ts";
import { compileGlob, literalSegment, segmentTexts, star } from "./glob.ts";
import type { PathPolicy, Segment, SegmentPlace } from "./glob.ts";
import { countGlobs } from "./glob-bounds.ts";
import { meetingOf } from "./meeting.ts";
import type { Meet } from "./meeting.ts";
import { createMemo } from "../base/memo.ts";
import { mayMeet, namesMayMeet, outlinesOf } from "./outline.ts";
import type { Outline } from "./outline.ts";
import type { PathPattern } from "./path-pattern.ts";

/**
 * True when some path matches both patterns. Exact: decided by intersecting what the patterns describe, never by comparing text or by
 * listing files. Results are remembered by the patterns' texts.
 */
export function patternsIntersect(
  one: PathPattern,
  other: PathPattern,
  policy: PathPolicy,
): boolean {
  return intersectorOf(one, policy)(other);
}

/** The same question about one pattern and many others. */
export function intersectorOf(
  one: PathPattern,
  policy: PathPolicy,
): (other: PathPattern) => boolean {
  const left = outlined(one, policy);
  return (other) => outlinedIntersect(left, outlined(other, policy), policy);
}

/** Whether some of others meets some of these: each of these is read once. */
export function anyIntersectorOf(
  these: readonly PathPattern[],
  policy: PathPolicy,
): (others: readonly PathPattern[]) => boolean {
  const known = these.map((pattern) => outlined(pattern, policy));
  return (others) =>
    others.some((pattern) => {
      const other = outlined(pattern, policy);
      return known.some((each) => outlinedIntersect(each, other, policy));
    });
}

/** Compares texts that are asked about again and again. */
export interface TextIntersector {
  /** True when some path matches both. */
  overlaps(this: void, one: string, other: string): boolean;
  /** What it takes to compare a text with another, in usual globs: comparing two takes the product of both. */
  weightOf(this: void, text: string): number;
}

/** Makes a comparer that parses each text once. It keeps all it has seen, and is meant to be dropped after one search. */
export function createTextIntersector(
  parse: (text: string) => PathPattern,
  policy: PathPolicy,
): TextIntersector {
  const known = new Map<string, Outlined>();
  const read = (text: string): Outlined => {
    const before = known.get(text);
    if (before !== undefined) {
      return before;
    }
    const first = outlined(parse(text), policy);
    known.set(text, first);
    return first;
  };
  return {
    overlaps: (one, other) => outlinedIntersect(read(one), read(other), policy),
    weightOf: (text) => Math.max(1, countGlobs([read(text).pattern])),
  };
}

/** A pattern that is read for many comparisons. */
export interface Outlined {
  readonly pattern: PathPattern;
  readonly outlines: readonly Outline[];
  /** Its alternatives. */
  readonly alternatives: () => readonly (readonly SegmentPlace[])[];
}

export function outlined(pattern: PathPattern, policy: PathPolicy): Outlined {
  let alternatives: readonly (readonly SegmentPlace[])[] | null = null;
  return {
    pattern,
    outlines: outlinesFor(pattern, policy),
    alternatives: () => (alternatives ??= compile(pattern, policy)),
  };
}

/** As `patternsIntersect`, of patterns that were read before. */
export function outlinedIntersect(left: Outlined, right: Outlined, policy: PathPolicy): boolean {
  const [one, other] = [left.pattern, right.pattern];
  if (one.kind !== "glob" && other.kind !== "glob") {
    return fixedIntersect(one, other, policy);
  }
  if (areApart(left, right) || areNamedApart(left, right)) {
    return false;
  }
  if (one.kind === "literal" || other.kind === "literal") {
    const [glob, literal] = one.kind === "literal" ? [right, one] : [left, other];
    return patternFits(glob.alternatives(), literal.text, policy);
  }
  return verdicts.of(`${keyOf(one, policy)}\0${keyOf(other, policy)}`, () => {
    return commonPath(one, other, policy) !== null;
  });
}

/** True where the first look tells that no path matches both: mostly it does. */
export function areApart(left: Outlined, right: Outlined): boolean {
  return !someMeet(left.outlines, right.outlines);
}

/** True where a second look does. What is left has to be compared sign by sign, which takes far longer. */
export function areNamedApart(left: Outlined, right: Outlined): boolean {
  const others = right.alternatives();
  return !left.alternatives().some((one) => others.some((other) => namesMayMeet(one, other)));
}

/** Loops, since a claim asks this some fifty times: functions made for each pair would cost more than what they compare. */
function someMeet(left: readonly Outline[], right: readonly Outline[]): boolean {
  for (const one of left) {
    for (const other of right) {
      if (mayMeet(one, other)) {
        return true;
      }
    }
  }
  return false;
}

/** True when a path, in its normal form, is one of the pattern's. */
export function patternMatches(pattern: PathPattern, path: string, policy: PathPolicy): boolean {
  return patternsIntersect(pattern, { kind: "literal", text: path.normalize("NFC") }, policy);
}

/**
 * A path that matches both patterns, as an example for people, or null when there is none. Where case does not count it is written in
 * lower case.
 */
export function commonPath(
  one: PathPattern,
  other: PathPattern,
  policy: PathPolicy,
): string | null {
  for (const left of compile(one, policy)) {
    for (const right of compile(other, policy)) {
      const segments = meetingOf({ one: left, other: right }, segmentMeet);
      if (segments !== null) {
        return segments.length === 0 ? "x" : segments.join("/");
      }
    }
  }
  return null;
}

const verdicts = createMemo<boolean>(20_000);
const compiled = createMemo<readonly (readonly SegmentPlace[])[]>(8_000);

const globOutlines = {
  exact: createMemo<readonly Outline[]>(4_000),
  folded: createMemo<readonly Outline[]>(4_000),
};

function outlinesFor(pattern: PathPattern, policy: PathPolicy): readonly Outline[] {
  if (pattern.kind !== "glob") {
    return outlinesOf(pattern, policy);
  }
  const memo = policy.caseInsensitive ? globOutlines.folded : globOutlines.exact;
  return memo.of(pattern.text, () => outlinesOf(pattern, policy));
}

function keyOf({ kind, text }: PathPattern, { caseInsensitive }: PathPolicy): string {
  return `${caseInsensitive ? "i" : "s"}${kind}:${text}`;
}

function compile(pattern: PathPattern, policy: PathPolicy): readonly (readonly SegmentPlace[])[] {
  if (pattern.kind === "glob") {
    return compiled.of(keyOf(pattern, policy), () => compileGlob(pattern.text, policy));
  }
  const segments = segmentTexts(pattern.text).map((name) => literalSegment(name, policy));
  return [pattern.kind === "dir" ? [...segments, star] : segments];
}

function fixedIntersect(
  one: PathPattern,
  other: PathPattern,
  { caseInsensitive }: PathPolicy,
): boolean {
  const left = caseInsensitive ? foldText(one.text) : one.text;
  const right = caseInsensitive ? foldText(other.text) : other.text;
  return (
    left === right ||
    (one.kind === "dir" && isBelow(right, left)) ||
    (other.kind === "dir" && isBelow(left, right))
  );
}

function isBelow(path: string, directory: string): boolean {
  return directory === "" || path.startsWith(`${directory}/`);
}

const segmentMeet: Meet<Segment, string> = {
  both: (one, other) => {
    if (one.text !== null && other.text !== null) {
      return one.text === other.text ? one.text : null;
    }
    return nameOf(meetingOf({ one: one.places, other: other.places }, characterMeet));
  },
  any: (one) =>
    one.text ?? nameOf(meetingOf({ one: one.places, other: [star] }, characterMeet)) ?? "x",
};

/** A name is never empty: two runs of stars alone meet in any name. */
function nameOf(points: readonly number[] | null): string | null {
  if (points === null) {
    return null;
  }
  return points.length === 0 ? "x" : String.fromCodePoint(...points);
}

const characterMeet: Meet<CharSet, number> = {
  both: (one, other) => {
    const left = onlyPoint(one);
    const right = onlyPoint(other);
    return left === null || right === null
      ? samplePoint(commonRanges(one, other))
      : pointWhen(left === right, left);
  },
  any: (one) => samplePoint(one) ?? 0,
};

function onlyPoint([first, second]: CharSet): number | null {
  return first !== undefined && second === undefined && first[0] === first[1] ? first[0] : null;
}

function pointWhen(isSame: boolean, point: number): number | null {
  return isSame ? point : null;
}

/** A member of a set, a letter, digit or common sign when there is one; null when the set is empty. */
function samplePoint(set: CharSet): number | null {
  const [first] = set;
  if (first === undefined) {
    return null;
  }
  return samples.find((point) => hasPoint(set, point)) ?? first[0];
}

const samples = Array.from("xabc0_-.", (character) => character.codePointAt(0) ?? 0);
