/** Sorts by a number that each item has. */
export function sortBy<T>(items: readonly T[], numberOf: (item: T) => number): readonly T[] {
  return items.toSorted((one, other) => numberOf(one) - numberOf(other));
}
