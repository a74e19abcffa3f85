/** Numbers that a seed decides. */
export interface Chance {
  /** At least 0, below 1. */
  next(): number;
  /** With this mean; times between what happens by itself. */
  exponential(mean: number): number;
}

/** A small generator with a period of 2^32 (mulberry32): good enough for queues, and the same everywhere. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, exponential: (mean) => -mean * Math.log(1 - next()) };
}
