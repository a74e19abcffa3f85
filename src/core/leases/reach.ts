import { endingsOf } from "./ending.ts";
import { foldText } from "./fold.ts";
import type { PathPolicy } from "./glob.ts";
import { literalPrefix, prefixesOf } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";

/** Where patterns are found that may share a path with some others. */
export interface Reach {
  /** Index keys to read. */
  readonly at: ReadonlySet<string>;
  /** Prefixes below which every key is read; none lies below another. */
  readonly below: readonly string[];
  /** True when patterns that begin with a wildcard are read whatever they end with. */
  readonly isAnyEnding: boolean;
}

/**
 * The key under which a pattern is indexed: its literal prefix, folded where case does not count. A pattern that begins with a wildcard
 * has none and stands under `/` and its ending, when that is one: no path begins with a slash.
 */
export function indexKey(pattern: PathPattern, policy: PathPolicy): string {
  const prefix = foldedPrefix(pattern, policy);
  if (prefix !== "") {
    return prefix;
  }
  const [ending = null, ...others] = endingsOf(pattern, policy) ?? [];
  return ending === null || others.length > 0 ? "" : endingKey(ending);
}

/**
 * Tells where to look: at a pattern's own prefix and those above it, at its endings, and, unless the pattern is one path, below its prefix.
 * Two patterns whose prefixes lie in different directories never meet, nor do two with different endings.
 */
export function reachOf(patterns: readonly PathPattern[], policy: PathPolicy): Reach {
  const at = new Set<string>();
  const below = new Set<string>();
  let isAnyEnding = false;
  for (const pattern of patterns) {
    const prefix = foldedPrefix(pattern, policy);
    for (const each of prefixesOf(prefix)) {
      at.add(each);
    }
    if (pattern.kind !== "literal") {
      below.add(prefix);
    }
    const endings = endingsOf(pattern, policy);
    isAnyEnding ||= endings === null;
    for (const ending of endings ?? []) {
      at.add(endingKey(ending));
    }
  }
  return { at, below: below.size < 2 ? [...below] : outermost(below), isAnyEnding };
}

/** The keys of endings lie between these two, and no prefix does. */
export const endingKeys = { from: "/", to: "0" } as const;

function endingKey(ending: string): string {
  return `${endingKeys.from}${ending}`;
}

function foldedPrefix(pattern: PathPattern, { caseInsensitive }: PathPolicy): string {
  const prefix = literalPrefix(pattern);
  return caseInsensitive ? foldText(prefix) : prefix;
}

function outermost(prefixes: ReadonlySet<string>): readonly string[] {
  return [...prefixes].filter(
    (prefix) => !prefixesOf(prefix).some((above) => above !== prefix && prefixes.has(above)),
  );
}
