import type { PathPolicy } from "./glob.ts";
import type { PathPattern } from "./path-pattern.ts";
import { endingKeys, reachOf } from "./reach.ts";

/**
 * Finds, among rows that were read for many patterns, those that one of them may meet, by their keys: many are asked about at a time, and
 * each has few rows near it. The order is that of nothing.
 */
export function createNearby<Row extends { readonly prefix: string }>(
  rows: readonly Row[],
  policy: PathPolicy,
): (pattern: PathPattern) => readonly Row[] {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const known = byKey.get(row.prefix);
    if (known === undefined) {
      byKey.set(row.prefix, [row]);
    } else {
      known.push(row);
    }
  }
  let keys: readonly string[] | null = null;
  const within = (from: string, to: string): readonly Row[] => {
    keys ??= [...byKey.keys()].toSorted(byUnits);
    const end = firstAtOrAfter(keys, to);
    return keys.slice(firstAtOrAfter(keys, from), end).flatMap((key) => byKey.get(key) ?? []);
  };
  return (pattern) => {
    const { at, below, isAnyEnding } = reachOf([pattern], policy);
    const [prefix = null] = below;
    if (prefix === "") {
      return rows;
    }
    const found = [...at].flatMap((key) => byKey.get(key) ?? []);
    if (prefix === null) {
      return found;
    }
    const endings = isAnyEnding ? within(endingKeys.from, endingKeys.to) : [];
    return [...found, ...within(`${prefix}/`, `${prefix}0`), ...endings];
  };
}

/** As text is compared in a `Map` of it: by units, in every language. */
function byUnits(one: string, other: string): number {
  if (one === other) {
    return 0;
  }
  return one < other ? -1 : 1;
}

/** Where a sorted list goes on with what is not before a text. */
function firstAtOrAfter(sorted: readonly string[], text: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((sorted[middle] ?? "") < text) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}
