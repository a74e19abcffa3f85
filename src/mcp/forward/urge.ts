/** Tells from how often this process waits for others whether one of them should write for all. */
export interface Urge {
  /** Notes how often this process has waited so far; true when it is time. `nowMs` never goes back. */
  isPressing(waits: number, nowMs: number): boolean;
}

/** So many waits within so many milliseconds: agents that think between their calls meet each other now and then, and need no leader. */
const pressing = 4;
const withinMs = 2_000;

export function createUrge(): Urge {
  let known = 0;
  let times: number[] = [];
  return {
    isPressing: (waits, nowMs) => {
      // Several waits of one moment are one meeting.
      if (waits > known) {
        times = [...times, nowMs].slice(-pressing);
      }
      known = waits;
      const [first] = times;
      return times.length === pressing && first !== undefined && nowMs - first <= withinMs;
    },
  };
}
