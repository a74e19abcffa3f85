import { countGlobs } from "./glob-bounds.ts";
import type { PathPattern } from "./path-pattern.ts";

/** How much one transaction compares. So many are some 20 ms of one core. */
export interface Effort {
  spend(this: void, looks: number): void;
  isSpent(this: void): boolean;
  isUntouched(this: void): boolean;
}

/** In looks at a pair of patterns that tell at once that they do not meet. */
export const usualLooks = 200_000;

export function createEffort(most = usualLooks): Effort {
  let left = most;
  return {
    spend: (looks) => {
      left -= looks;
    },
    isSpent: () => left <= 0,
    isUntouched: () => left === most,
  };
}

/** To read a pattern is worth so many looks. */
export const looksOfReading = 500;

/** To hold the names of a pair against each other is worth so many. */
export const looksOfNames = 5;

/** A pair of usual globs that have to be compared sign by sign is worth so many looks. */
const looksOfWalk = 50;

/** What it takes to compare two patterns that no look tells apart. */
export function looksOf(one: PathPattern, other: PathPattern): number {
  return looksOfWalk * weightOf(one) * weightOf(other);
}

function weightOf(pattern: PathPattern): number {
  return Math.max(1, countGlobs([pattern]));
}
