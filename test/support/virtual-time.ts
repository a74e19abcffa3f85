import type { Clock, Random } from "../../src/core/base/clock.ts";
import type { TimeSource } from "../../src/core/store/index.ts";

/** A clock that a test turns by hand. */
export interface VirtualTime extends TimeSource, Clock {
  /** Lets time pass on both clocks. */
  advance(ms: number): void;
  /** Moves the wall clock alone, as a person or NTP does. */
  jumpWall(ms: number): void;
  /** Starts a new boot: another boot id, the monotonic clock from nearly zero. */
  reboot(): void;
}

/** Starts at noon of 2026-01-01 unless told otherwise. */
export function createVirtualTime(startMs = Date.UTC(2026, 0, 1, 12)): VirtualTime {
  let wall = startMs;
  let monotonic = 1_000_000;
  let boots = 1;
  return {
    get bootId() {
      return `boot-${String(boots)}`;
    },
    wallMs: () => wall,
    nowMs: () => wall,
    monotonicMs: () => monotonic,
    advance: (ms) => {
      wall += ms;
      monotonic += ms;
    },
    jumpWall: (ms) => {
      wall += ms;
    },
    reboot: () => {
      boots += 1;
      monotonic = 1_000;
    },
  };
}

/** Random bytes that are the same for the same seed (mulberry32). */
export function createSeededRandom(seed = 1): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, next) };
}
