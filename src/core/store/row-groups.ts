/** How many rows one statement writes or reads at most: each count up to it is a statement of its own, which every connection prepares. */
export const rowsAtOnce = 8;

/** Splits rows into groups of which each fits into one statement. */
export function groupsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / rowsAtOnce) }, (_, at) =>
    all.slice(at * rowsAtOnce, (at + 1) * rowsAtOnce),
  );
}

/** A statement about some rows: `make` is given the text of one row so many times, with commas between. Each count has one text for ever. */
export function forRows(row: string, make: (rows: string) => string): (count: number) => string {
  const texts: string[] = [];
  return (count) => {
    texts[count] ??= make(Array.from({ length: count }, () => row).join(", "));
    return texts[count];
  };
}
