import { SkeinError } from "../base/errors.ts";
import { leaseErrors } from "./errors.ts";

/** How many patterns `{a,b}` may stand for. */
export const maxAlternatives = 64;

/** How many UTF-16 units the alternatives of one glob may have together. */
export const maxExpandedLength = 2_048;

/**
 * Writes out `{a,b}`, nested ones too: every combination, in order. `{a}` without a comma stands for itself, as in a shell.
 *
 * @throws {SkeinError} SKN-1505 for a brace or bracket that is not closed, SKN-1506 past the limits.
 */
export function expandBraces(text: string): readonly string[] {
  const alternatives = expand(text, text);
  const length = alternatives.reduce((sum, alternative) => sum + alternative.length, 0);
  if (alternatives.length > 1 && length > maxExpandedLength) {
    throw tooWide(text);
  }
  return alternatives;
}

/** True when the text has an alternation that `expandBraces` would write out, or would refuse. */
export function hasAlternation(text: string): boolean {
  for (let index = text.indexOf("{"); index !== -1; index = text.indexOf("{", index + 1)) {
    const group = findGroup(text, index);
    if (group === null || group.parts.length > 1) {
      return true;
    }
  }
  return false;
}

/** The place after the `]` that closes the class opened at `open`; -1 when nothing closes it. A `]` that comes first is a member. */
export function endOfClass(text: string, open: number): number {
  const first = text[open + 1] === "!" || text[open + 1] === "^" ? open + 2 : open + 1;
  return text.indexOf("]", first + 1) + 1 || -1;
}

function expand(text: string, whole: string): readonly string[] {
  let index = 0;
  while (index < text.length) {
    if (text[index] === "[") {
      index = endOfClass(text, index);
      if (index === -1) {
        throw unclosed(whole, "[");
      }
      continue;
    }
    if (text[index] === "{") {
      const group = findGroup(text, index);
      if (group === null) {
        throw unclosed(whole, "{");
      }
      if (group.parts.length > 1) {
        return combine({ head: text.slice(0, index), tail: text.slice(group.end), whole }, group);
      }
    }
    index += 1;
  }
  return [text];
}

interface Group {
  readonly parts: readonly string[];
  /** The place after the closing brace. */
  readonly end: number;
}

interface Around {
  readonly head: string;
  readonly tail: string;
  readonly whole: string;
}

function combine({ head, tail, whole }: Around, group: Group): readonly string[] {
  const middles = group.parts.flatMap((part) => expand(part, whole));
  const ends = expand(tail, whole);
  if (middles.length * ends.length > maxAlternatives) {
    throw tooWide(whole);
  }
  return middles.flatMap((middle) => ends.map((end) => head + middle + end));
}

/** Splits the group that opens at `open` at its own commas; null when it is never closed. */
function findGroup(text: string, open: number): Group | null {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  let index = open;
  while (index < text.length) {
    const character = text[index];
    if (character === "[") {
      const end = endOfClass(text, index);
      if (end === -1) {
        return null;
      }
      index = end;
      continue;
    }
    if (character === "{") {
      depth += 1;
    } else if (character === "}") {
      depth -= 1;
    }
    if (depth === 0 || (depth === 1 && character === ",")) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
    index += 1;
    if (depth === 0) {
      return { parts, end: index };
    }
  }
  return null;
}

function unclosed(text: string, bracket: string): SkeinError {
  return new SkeinError(leaseErrors.globSyntax, {
    message: `The glob \`${text}\` has a \`${bracket}\` that is not closed.`,
    facts: { path: text },
  });
}

function tooWide(text: string): SkeinError {
  return new SkeinError(leaseErrors.globTooWide, {
    message: `The glob \`${text.slice(0, 80)}\` stands for more than ${String(maxAlternatives)} patterns, or for too long ones.`,
    facts: { path: text, limit: maxAlternatives },
  });
}
