/** Chance that repeats itself with its seed. */
export interface Random {
  /** A whole number from 0 up to and without `below`. */
  number(below: number): number;
  text(alphabet: string, length: number): string;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const number = (below: number): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  return {
    number,
    text: (alphabet, length) =>
      Array.from({ length }, () => alphabet.charAt(number(alphabet.length))).join(""),
    pick: (items) => {
      const item = items[number(items.length)];
      if (item === undefined) {
        throw new Error("there is nothing to pick from");
      }
      return item;
    },
  };
}
