import type { StoreLoad } from "../../core/store/index.ts";

/** Tells from how often this process waits for others whether one of them should write for all. */
export interface Urge {
  /** Notes how often this process has waited so far; true when it is time. `nowMs` never goes back. */
  isPressing(met: Pick<StoreLoad, "waits" | "crowds">, nowMs: number): boolean;
}

/** So many waits within so many milliseconds: agents that think between their calls meet each other now and then, and need no leader. */
const pressing = 4;
const withinMs = 2_000;

export function createUrge(): Urge {
  let known = { waits: 0, crowds: 0 };
  let times: number[] = [];
  return {
    isPressing: ({ waits, crowds }, nowMs) => {
      // Several waits of one moment are one meeting.
      if (waits > known.waits) {
        times = [...times, nowMs].slice(-pressing);
      }
      // In a crowd that is slow a process comes to no four calls in two seconds, just because nobody leads.
      const isCrowded = crowds > known.crowds;
      known = { waits, crowds };
      const [first] = times;
      const isOften = times.length === pressing && first !== undefined && nowMs - first <= withinMs;
      return isCrowded || isOften;
    },
  };
}
