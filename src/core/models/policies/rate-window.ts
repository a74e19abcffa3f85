import type { RateLimits } from "../language-model.ts";

/** A place in a window: to be given back when the call ends. */
export interface Place {
  /** Which window it was taken in. */
  readonly window: number;
  readonly sentMs: number;
}

/** A place, or how long to wait for one; null: until another call ends. */
export type Taken =
  | { readonly kind: "go"; readonly place: Place }
  | { readonly kind: "wait"; readonly ms: number | null };

/** How a call ended, as far as its provider's limits go. */
export interface Told {
  /** What its headers said; null when nothing. */
  readonly limits: RateLimits | null;
  /** True for a 429. */
  readonly isRefused: boolean;
  readonly retryAfterMs: number | null;
}

/**
 * What is known of a provider's rate limit, learned from its answers alone. Time comes in with each call, so that the same calls give the
 * same decisions.
 */
export interface RateWindow {
  take(nowMs: number): Taken;
  giveBack(place: Place, told: Told, nowMs: number): void;
  /** The requests in a window; null until a header told. */
  limit(): number | null;
}

/** How many calls may be under way before the first answer has told anything. */
const blindBurst = 15;

/** A window ends no sooner than its header says: timers and whole numbers round down. */
const marginMs = 10;

/** The length of a window whose headers do not tell when it ends. */
const assumedLengthMs = 60_000;

/** Two ends that differ by more belong to two windows. */
const borderMs = 50;

/** How long a request may be under way to its provider. */
const transitMs = 500;

/** The pause after a 429 that names none. */
const shortPauseMs = 1_000;

/**
 * Starts without knowledge: a burst of 15, then no limit until a header or a 429 tells of one. From the first header on, no more calls are
 * let through in a window than its limit, less those of earlier windows that may still reach the provider.
 */
export function createRateWindow(): RateWindow {
  const blind = createBlindness();
  let known: KnownWindow | null = null;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  return {
    take: (nowMs) => {
      if (nowMs < pausedUntilMs) {
        return { kind: "wait", ms: pausedUntilMs - nowMs };
      }
      return known === null ? blind.take(nowMs) : known.take(nowMs);
    },
    giveBack: (place, told, nowMs) => {
      const inFlight = known === null ? blind.giveBack(told) : known.giveBack(place);
      const heard = heardFrom(told.limits, place, nowMs);
      if (heard !== null) {
        known ??= createKnownWindow(heard, inFlight);
        known.hear(place, heard);
      }
      if (told.isRefused) {
        const pauseMs = told.retryAfterMs ?? told.limits?.resetMs ?? shortPauseMs;
        pausedUntilMs = Math.max(pausedUntilMs, nowMs + pauseMs + marginMs);
      }
    },
    limit: () => known?.limit() ?? null,
  };
}

interface Blindness {
  take(nowMs: number): Taken;
  /** Answers how many calls are under way now. */
  giveBack(told: Told): number;
}

/** Without headers: after the first answer only a 429 tells of a limit. It halves the calls under way, and each answer allows one more. */
function createBlindness(): Blindness {
  let inFlight = 0;
  let most = blindBurst;
  let isRefused = false;
  return {
    take: (nowMs) => {
      if (inFlight >= most) {
        return { kind: "wait", ms: null };
      }
      inFlight += 1;
      return { kind: "go", place: { window: 0, sentMs: nowMs } };
    },
    giveBack: (told) => {
      if (told.isRefused) {
        most = Math.max(1, Math.floor(Math.min(most, inFlight) / 2));
        isRefused = true;
      } else {
        most = isRefused ? most + 1 : Number.POSITIVE_INFINITY;
      }
      inFlight -= 1;
      return inFlight;
    },
  };
}

/** A header's words as times of our clock. */
interface Heard {
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends: at the latest, if the provider counted it from its answer on, and at the earliest, from the request on. */
  readonly endMs: number;
  readonly earliestEndMs: number;
  readonly lengthMs: number;
}

function heardFrom(limits: RateLimits | null, { sentMs }: Place, nowMs: number): Heard | null {
  if (limits === null || limits.remaining === null) {
    return null;
  }
  const { remaining, requests, resetMs } = limits;
  const lengthMs = resetMs ?? assumedLengthMs;
  const limit = Math.max(1, requests ?? remaining);
  const [endMs, earliestEndMs] = [nowMs + lengthMs + marginMs, sentMs + lengthMs];
  return { limit, remaining, endMs, earliestEndMs, lengthMs };
}

interface KnownWindow {
  take(nowMs: number): Taken;
  /** Answers how many calls are under way now. */
  giveBack(place: Place): number;
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

function createKnownWindow(heard: Heard, inFlight: number): KnownWindow {
  // Of the calls under way nobody knows whether the header counted them: they count as not counted.
  const state: WindowState = {
    window: 0,
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
      state[window === state.window ? "current" : "carried"] -= 1;
      return state.current + state.carried;
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
