/**
 * Finds the word closest to what somebody typed, for "did you mean".
 *
 * Null when nothing is close: more than two edits away, or more than half of the word.
 */
export function nearest(typed: string, words: Iterable<string>): string | null {
  const limit = Math.min(2, Math.floor(typed.length / 2));
  let best: string | null = null;
  let bestEdits = limit + 1;
  for (const word of words) {
    const edits = editDistance(typed.toLowerCase(), word.toLowerCase(), bestEdits);
    if (edits < bestEdits) {
      best = word;
      bestEdits = edits;
    }
  }
  return best;
}

/** Levenshtein's distance; any number at or above `limit` means "too far". */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) {
    return limit;
  }
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? limit;
}
