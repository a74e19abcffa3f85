/** The place of the last of numbers in order that is not above another; 0 where all are. */
export function lastUpTo(sorted: readonly number[], most: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= most) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
