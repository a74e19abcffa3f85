import { cleanLine } from "../base/text.ts";
import { parsePathPattern, patternMatches } from "../leases/index.ts";

/** Tells whether a text fits one of some patterns. */
export type Matcher = (text: string) => boolean;

/** Branches: case counts, and `*` does not go beyond a `/`. @throws {SkeinError} SKN-15xx for a pattern that cannot be read. */
export function branchMatcher(patterns: readonly string[]): Matcher {
  return matcherOf(patterns, false);
}

/** Paths: case does not count, since some file system ignores it. @throws {SkeinError} SKN-15xx. */
export function pathMatcher(patterns: readonly string[]): Matcher {
  return matcherOf(patterns, true);
}

function matcherOf(patterns: readonly string[], caseInsensitive: boolean): Matcher {
  const parsed = patterns.map((text) => parsePathPattern(text));
  return (text) => parsed.some((pattern) => patternMatches(pattern, text, { caseInsensitive }));
}

/** A name from outside for a sentence of ours. */
export function shown(name: string): string {
  return cleanLine(name, 200);
}

/** Some names for a sentence: `a, b and 3 more`. */
export function listed(names: readonly string[], most = 5): string {
  const more = names.length - most;
  const named = names.slice(0, most).map(shown).join(", ");
  return more > 0 ? `${named} and ${String(more)} more` : named;
}
