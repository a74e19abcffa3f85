import type { RateLimits } from "../language-model.ts";
import type { Place, Taken } from "./rate-window.ts";

/** A window ends no sooner than its header says: timers and whole numbers round down. */
export const marginMs = 10;

/** The length of a window whose headers do not tell when it ends. */
const assumedLengthMs = 60_000;

/** Two ends that differ by more belong to two windows. */
const borderMs = 50;

/** How long a request may be under way to its provider. */
const transitMs = 500;

/** A header's words as times of our clock. */
export interface Heard {
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends: at the latest, if the provider counted it from its answer on, and at the earliest, from the request on. */
  readonly endMs: number;
  readonly earliestEndMs: number;
  readonly lengthMs: number;
  /** False where the header tells no end: it is assumed. */
  readonly isTold: boolean;
}

/** What counts after a refusal that told nothing: all is used up until a time. */
export function usedUp(limit: number, endMs: number): Heard {
  return { limit, remaining: 0, endMs, earliestEndMs: endMs, lengthMs: 0, isTold: false };
}

export function heardFrom(
  limits: RateLimits | null,
  { sentMs }: Place,
  nowMs: number,
): Heard | null {
  if (limits === null || limits.remaining === null) {
    return null;
  }
  const { remaining, requests, resetMs, isResetExact = false } = limits;
  const limit = Math.max(1, requests ?? remaining);
  if (isResetExact && resetMs !== null) {
    const endMs = nowMs + resetMs;
    const lengthMs = Math.max(0, endMs - sentMs);
    const earliestEndMs = endMs;
    return { limit, remaining, endMs: endMs + marginMs, earliestEndMs, lengthMs, isTold: true };
  }
  const lengthMs = resetMs ?? assumedLengthMs;
  const [endMs, earliestEndMs] = [nowMs + lengthMs + marginMs, sentMs + lengthMs];
  const isTold = resetMs !== null;
  return { limit, remaining, endMs, earliestEndMs, lengthMs, isTold };
}

export interface KnownWindow {
  take(nowMs: number): Taken;
  giveBack(place: Place): void;
  hear(place: Place, heard: Heard): void;
  limit(): number;
}

interface WindowState {
  window: number;
  limit: number;
  lengthMs: number;
  /** How many more may be sent in this window, as far as is known. */
  free: number;
  /** Null: no header of this window has told yet. */
  endMs: number | null;
  /** When this window began here; the provider's own may have begun before. */
  beganMs: number;
  /** The lowest that this window's headers told: the latest word of the provider. */
  lowest: number;
  /** When the first call of this window was sent. */
  firstMs: number | null;
  /** Calls under way, of this window and of earlier ones. */
  current: number;
  carried: number;
}

export function createKnownWindow(heard: Heard, inFlight: number, first = 0): KnownWindow {
  // Of the calls under way nobody knows whether the header counted them: they count as not counted.
  const state: WindowState = {
    window: first,
    limit: heard.limit,
    lengthMs: heard.lengthMs,
    free: heard.remaining - inFlight,
    endMs: heard.endMs,
    lowest: heard.remaining,
    firstMs: null,
    beganMs: Number.NEGATIVE_INFINITY,
    current: inFlight,
    carried: 0,
  };
  return {
    take: (nowMs) => {
      const endMs = endOf(state);
      if (endMs !== null && nowMs >= endMs) {
        begin(state, nowMs);
      }
      return takePlace(state, nowMs);
    },
    giveBack: ({ window }) => {
      // What was sent before this was known counts in its first window.
      state[Math.max(window, first) === state.window ? "current" : "carried"] -= 1;
    },
    hear: ({ window }, told) => {
      state.lengthMs = Math.max(state.lengthMs, told.lengthMs);
      if (window === state.window) {
        hear(state, told);
      } else if (told.lengthMs > borderMs && told.endMs - state.beganMs > borderMs) {
        countLate(state, told);
      }
    },
    limit: () => state.limit,
  };
}

function endOf({ endMs, firstMs, lengthMs }: WindowState): number | null {
  return endMs ?? (firstMs === null ? null : firstMs + lengthMs + transitMs);
}

function begin(state: WindowState, nowMs: number): void {
  state.beganMs = nowMs;
  state.window += 1;
  state.free = state.limit;
  state.endMs = null;
  state.lowest = Number.POSITIVE_INFINITY;
  state.firstMs = null;
  state.carried += state.current;
  state.current = 0;
}

function takePlace(state: WindowState, nowMs: number): Taken {
  if (state.free - state.carried <= 0) {
    const endMs = endOf(state);
    return { kind: "wait", ms: endMs === null ? null : Math.max(1, endMs - nowMs) };
  }
  state.free -= 1;
  state.current += 1;
  state.firstMs ??= nowMs;
  return { kind: "go", place: { window: state.window, sentMs: nowMs } };
}

/** A call that was sent in an earlier window, and that the provider counted in this one. */
function countLate(state: WindowState, told: Heard): void {
  state.lowest = Math.min(state.lowest, told.remaining);
  state.free = Math.min(state.free - 1, state.lowest);
  state.endMs = Math.max(state.endMs ?? told.endMs, told.endMs);
}

/**
 * The lowest count is the provider's latest word, in whatever order the answers arrive: a bucket that refills steadily tells a later end
 * with each call. When no call is under way, that word is the whole truth. More that remains until a later end is the provider's next
 * window, which began before ours.
 */
function hear(state: WindowState, told: Heard): void {
  const isQuiet = state.current === 0 && state.carried === 0;
  const isNewer =
    told.remaining > state.lowest && told.earliestEndMs > (state.endMs ?? 0) + borderMs;
  if (isNewer || told.limit !== state.limit) {
    state.limit = told.limit;
    state.lowest = Number.POSITIVE_INFINITY;
    state.free = told.remaining - state.current;
  }
  if (told.remaining < state.lowest) {
    state.lowest = told.remaining;
    state.endMs = told.endMs;
  } else if (told.remaining === state.lowest) {
    state.endMs = Math.min(state.endMs ?? told.endMs, told.endMs);
  }
  state.free = isQuiet ? state.lowest : Math.min(state.free, state.lowest);
}
