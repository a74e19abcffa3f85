import type { RateLimits } from "../language-model.ts";
import { createKnownWindow, heardFrom, marginMs, usedUp } from "./known-window.ts";
import type { Heard, KnownWindow } from "./known-window.ts";
import { createSlowWindow } from "./slow-window.ts";

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

/** The pause after a 429 that names none. */
const shortPauseMs = 1_000;

/**
 * Starts without knowledge: a burst of 15, then no limit until a header or a 429 tells of one. From the first header on, no more calls are
 * let through in a window than its limit, less those of earlier windows that may still reach the provider. Where answers take longer than a
 * window, what they tell is over, and calls are paced by the windows' length instead.
 */
export function createRateWindow(): RateWindow {
  const blind = createBlindness();
  const slow = createSlowWindow();
  const known = createLearning();
  let inFlight = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  const learn = (place: Place, heard: Heard | null, wasSlow: boolean): void => {
    const isOver = wasSlow && !slow.isOn();
    if (heard === null ? isOver : known.limit() === null || isOver) {
      known.begin(heard ?? usedUp(known.limit() ?? 1, pausedUntilMs), inFlight);
    }
    if (heard !== null && !slow.isOn()) {
      known.hear(place, heard);
    }
  };
  return {
    take: (nowMs) => {
      const taken: Taken =
        nowMs < pausedUntilMs
          ? { kind: "wait", ms: pausedUntilMs - nowMs }
          : (slow.take(nowMs) ?? known.take(nowMs) ?? blind.take(nowMs));
      if (taken.kind === "go") {
        inFlight += 1;
        slow.note(nowMs);
      }
      return taken;
    },
    giveBack: (place, told, nowMs) => {
      inFlight -= 1;
      known.giveBack(place);
      blind.giveBack(told);
      pausedUntilMs = Math.max(pausedUntilMs, pauseEnd(told, nowMs));
      const wasSlow = slow.isOn();
      const heard = heardFrom(told.limits, place, nowMs);
      slow.hear({ heard, isRefused: told.isRefused, tookMs: nowMs - place.sentMs });
      learn(place, heard, wasSlow);
    },
    limit: () => known.limit(),
  };
}

function pauseEnd({ isRefused, retryAfterMs, limits }: Told, nowMs: number): number {
  const pauseMs = Math.max(0, retryAfterMs ?? limits?.resetMs ?? shortPauseMs);
  return isRefused ? nowMs + pauseMs + marginMs : Number.NEGATIVE_INFINITY;
}

interface Learning {
  /** Forgets what was known; all calls under way count in the first window that is known now. */
  begin(heard: Heard, inFlight: number): void;
  /** Null while nothing is known. */
  take(nowMs: number): Taken | null;
  giveBack(place: Place): void;
  hear(place: Place, heard: Heard): void;
  limit(): number | null;
}

/** Windows that were counted from another beginning have other numbers. */
const windowsApart = 1_000_000;

function createLearning(): Learning {
  let known: KnownWindow | null = null;
  let first = 0;
  return {
    begin: (heard, inFlight) => {
      first += windowsApart;
      known = createKnownWindow(heard, inFlight, first);
    },
    take: (nowMs) => known?.take(nowMs) ?? null,
    giveBack: (place) => known?.giveBack(place),
    hear: (place, heard) => known?.hear({ ...place, window: Math.max(place.window, first) }, heard),
    limit: () => known?.limit() ?? null,
  };
}

interface Blindness {
  take(nowMs: number): Taken;
  giveBack(told: Told): void;
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
    },
  };
}
