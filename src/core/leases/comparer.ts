import { looksOf, looksOfNames, looksOfReading } from "./effort.ts";
import type { Effort } from "./effort.ts";
import type { PathPolicy } from "./glob.ts";
import { areApart, areNamedApart, outlined, outlinedIntersect } from "./intersect.ts";
import type { Outlined } from "./intersect.ts";
import type { PathPattern } from "./path-pattern.ts";

/** Compares patterns with rows, of which each is read once, and spends what it takes. */
export function createComparer(
  policy: PathPolicy,
  effort: Effort | undefined,
): (pattern: PathPattern) => (row: PathPattern) => boolean {
  const read = new Map<PathPattern, Outlined>();
  const readRow = (row: PathPattern): Outlined => {
    const known = read.get(row);
    if (known !== undefined) {
      return known;
    }
    const first = outlined(row, policy);
    read.set(row, first);
    return first;
  };
  return (pattern) => {
    const one = outlined(pattern, policy);
    effort?.spend(looksOfReading);
    return (row) => {
      const other = readRow(row);
      effort?.spend(1);
      if (areApart(one, other)) {
        return false;
      }
      effort?.spend(looksOfNames);
      if (areNamedApart(one, other)) {
        return false;
      }
      effort?.spend(looksOf(pattern, row));
      return outlinedIntersect(one, other, policy);
    };
  };
}
