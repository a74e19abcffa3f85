import { createHash } from "node:crypto";

/**
 * Brings items into an order that only hangs on the seed and the items' names: each seat reads the files in another order, since what
 * comes first is read best.
 */
export function shuffled<T>(
  items: readonly T[],
  seed: string,
  nameOf: (item: T) => string,
): readonly T[] {
  return items
    .map((item, index) => ({ item, rank: rankOf(`${seed}:${nameOf(item)}:${String(index)}`) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}

function rankOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
