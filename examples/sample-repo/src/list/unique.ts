/** Leaves the first of equal items. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
