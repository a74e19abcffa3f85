import { createTextIntersector, parsePathPattern } from "../../src/core/leases/index.ts";
import type { OverlapSearch } from "../../src/core/plans/index.ts";

/** A search that counts what its comparisons take. */
export interface WeighedSearch {
  readonly search: OverlapSearch;
  /** Pairs of signs that were compared at most: two patterns are compared sign by sign. */
  signs(this: void): number;
}

/** Searches exactly, and counts. */
export function createWeighedSearch(): WeighedSearch {
  let signs = 0;
  return {
    signs: () => signs,
    search: () => {
      const real = createTextIntersector(parsePathPattern, { caseInsensitive: false });
      return {
        ...real,
        overlaps: (one, other) => {
          signs += one.length * other.length;
          return real.overlaps(one, other);
        },
      };
    },
  };
}

/** A glob of very many wild signs that shares no path with one of another number. */
export function aWildGlob(at: number): string {
  return `${"*a".repeat(120)}*-${String(at)}`;
}
