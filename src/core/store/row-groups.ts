/** How many rows one statement writes or reads at most: each count up to it is a statement of its own, which every connection prepares. */
export const rowsAtOnce = 8;

/** Splits rows into groups of which each fits into one statement. */
export function groupsOf<T>(all: readonly T[], most = rowsAtOnce): readonly (readonly T[])[] {
  if (all.length <= most) {
    return all.length === 0 ? [] : [all];
  }
  return Array.from({ length: Math.ceil(all.length / most) }, (_, at) =>
    all.slice(at * most, (at + 1) * most),
  );
}

/** How many values a statement that looks for any of them takes. */
const listSizes = [4, 16, 64, 256] as const;

export type ListSize = (typeof listSizes)[number];

/** Fills values up to the next size by repeating the first: there are few sizes, and a statement for each. */
export function filledUp<T>(values: readonly T[]): readonly [size: ListSize, values: readonly T[]] {
  const size = listSizes.find((each) => each >= values.length);
  const [first] = values;
  if (size === undefined || first === undefined) {
    throw new Error(`${String(values.length)} values do not fit into one statement.`);
  }
  return [size, [...values, ...Array.from({ length: size - values.length }, () => first)]];
}

/** A statement about some rows: `make` is given the text of one row so many times, with commas between. Each count has one text for ever. */
export function forRows(row: string, make: (rows: string) => string): (count: number) => string {
  const texts: string[] = [];
  return (count) => {
    texts[count] ??= make(Array.from({ length: count }, () => row).join(", "));
    return texts[count];
  };
}
