/** The times of the last calls, and when the next may go. */
export interface Pace {
  note(nowMs: number): void;
  /** How long to wait, in milliseconds; 0: the next call may go. */
  waitMs(nowMs: number, pace: { readonly limit: number; readonly periodMs: number }): number;
  /** How long to wait, in milliseconds, so that calls keep a distance. */
  gapMs(nowMs: number, distanceMs: number): number;
}

/** More than the window itself: a call may take longer to its provider than the one after it. */
const stretch = 1.02;
/** Calls are spread over the window, so that each tells of another part of it; a little faster than the limit alone would have it. */
const spread = 0.9;
const keptMs = 120_000;

/**
 * Lets calls go evenly, so that no stretch of time as long as a window holds more of them than its limit: that holds for windows of any border
 * and for buckets that refill steadily.
 */
export function createPace(): Pace {
  let sent: readonly number[] = [];
  return {
    note: (nowMs) => {
      sent = [...sent.filter((atMs) => nowMs - atMs < keptMs), nowMs];
    },
    waitMs: (nowMs, { limit, periodMs }) => {
      const windowMs = periodMs * stretch;
      return Math.max(
        left(sent.at(-limit), windowMs, nowMs),
        left(sent.at(-1), (periodMs / limit) * spread, nowMs),
      );
    },
    gapMs: (nowMs, distanceMs) => left(sent.at(-1), distanceMs, nowMs),
  };
}

function left(sinceMs: number | undefined, distanceMs: number, nowMs: number): number {
  return sinceMs === undefined ? 0 : Math.max(0, Math.ceil(sinceMs + distanceMs - nowMs));
}
