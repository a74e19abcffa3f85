/** Numbers that look like chance and are the same for the same seed. */
export interface Chance {
  /** The next number, from 0 up to 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
}

/** Makes chance from a seed and a word, so that each agent has its own. The mixing is Mulberry32 over an FNV-1a hash. */
export function createChance(seed: number, word: string): Chance {
  let state = 0x81_1c_9d_c5 ^ seed;
  for (const character of word) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  }
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_00_00_00_00;
  };
  return { next, between: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}
