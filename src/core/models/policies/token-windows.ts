import type { RateLimits, TokenLimit } from "../language-model.ts";
import { marginMs } from "./known-window.ts";

/** The most that a call can take of a provider's limits of tokens. */
export interface TokenNeeds {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A call under way. */
export interface TokenPlace {
  readonly needs: TokenNeeds;
  readonly sentMs: number;
}

/**
 * What is known of a provider's limits of tokens, learned from its answers alone. Time comes in with each call, so that the same calls give the
 * same decisions.
 */
export interface TokenWindows {
  /** How long until so many tokens are free: 0 when they are; null: until another call ends. */
  waitMs(needs: TokenNeeds, nowMs: number): number | null;
  take(needs: TokenNeeds, nowMs: number): TokenPlace;
  /** @param wasCounted False for a call that the provider turned away or never saw. */
  giveBack(place: TokenPlace, ended: TokenEnd): void;
}

export interface TokenEnd {
  readonly nowMs: number;
  /** What its headers said; null when nothing. */
  readonly limits: RateLimits | null;
  /** False for a call that the provider turned away or never saw. */
  readonly wasCounted: boolean;
}

/** Starts without knowledge, and lets everything through until a header tells of a limit. */
export function createTokenWindows(): TokenWindows {
  const windows = new Map<TokenLimit["name"], TokenWindow>();
  const underWay = new Set<TokenPlace>();
  return {
    waitMs: (needs, nowMs) => {
      const waits = [...windows.values()].map((window) =>
        window.waitMs(needs, { nowMs, underWay }),
      );
      const timed = waits.filter((ms) => ms !== null);
      const longest = Math.max(0, ...timed);
      return longest === 0 && timed.length < waits.length ? null : longest;
    },
    take: (needs, nowMs) => {
      const place = { needs, sentMs: nowMs };
      underWay.add(place);
      return place;
    },
    giveBack: (place, { nowMs, limits, wasCounted }) => {
      underWay.delete(place);
      const told = limits?.tokenLimits ?? [];
      for (const limit of told) {
        const window = windows.get(limit.name) ?? createTokenWindow();
        windows.set(limit.name, window);
        window.hear(place, limit, nowMs);
      }
      const silent = [...windows].filter(([name]) => !told.some((limit) => limit.name === name));
      for (const [, window] of wasCounted ? silent : []) {
        window.miss(place, nowMs);
      }
    },
  };
}

interface TokenWindow {
  waitMs(needs: TokenNeeds, at: Moment): number | null;
  hear(place: TokenPlace, told: TokenLimit, nowMs: number): void;
  /** A call ended that was counted and told nothing. */
  miss(place: TokenPlace, nowMs: number): void;
}

interface Moment {
  readonly nowMs: number;
  readonly underWay: ReadonlySet<TokenPlace>;
}

/** What one answer said. */
interface Word {
  readonly heardMs: number;
  readonly remaining: number;
  /** From then on all is free again that later calls have not taken. */
  readonly endMs: number;
}

/** The length of a window whose headers do not tell when it ends. */
const assumedLengthMs = 60_000;

/**
 * One limit, of windows with borders or of a bucket that refills steadily. What was heard before a call was sent is older than what is heard of
 * that call, and is forgotten then; what has ended says nothing more. Of the rest the lowest word counts, less the worst of all calls under
 * way: whether the provider had counted these nobody knows.
 */
function createTokenWindow(): TokenWindow {
  let words: readonly Word[] = [];
  let counts: TokenLimit["counts"] = "all";
  let limit = 1;
  let lengthMs = 0;
  const live = (nowMs: number): readonly Word[] => words.filter(({ endMs }) => endMs > nowMs);
  return {
    waitMs: (needs, { nowMs, underWay }) => {
      const taken = [...underWay].reduce((sum, call) => sum + tokensOf(counts, call.needs), 0);
      const standing = live(nowMs);
      // What is more than the whole limit never fits: it goes when nothing else has taken of it, and the provider decides.
      if (Math.min(tokensOf(counts, needs), limit) <= leastOf(standing, limit) - taken) {
        return 0;
      }
      const endMs = Math.min(...standing.map((word) => word.endMs));
      return standing.length === 0 ? null : endMs - nowMs;
    },
    hear: ({ sentMs }, told, nowMs) => {
      ({ counts } = told);
      limit = Math.max(1, told.limit ?? Math.max(limit, told.remaining));
      const resetMs = told.resetMs ?? assumedLengthMs;
      lengthMs = Math.max(lengthMs, resetMs);
      const word = { heardMs: nowMs, remaining: told.remaining, endMs: nowMs + resetMs + marginMs };
      words = [...live(nowMs).filter(({ heardMs }) => heardMs >= sentMs), word];
    },
    miss: (place, nowMs) => {
      const standing = live(nowMs);
      const remaining = leastOf(standing, limit) - tokensOf(counts, place.needs);
      words = [...standing, { heardMs: nowMs, remaining, endMs: nowMs + lengthMs + marginMs }];
    },
  };
}

function leastOf(words: readonly Word[], limit: number): number {
  return Math.min(limit, ...words.map(({ remaining }) => remaining));
}

function tokensOf(counts: TokenLimit["counts"], needs: TokenNeeds): number {
  switch (counts) {
    case "input":
      return needs.inputTokens;
    case "output":
      return needs.outputTokens;
    case "all":
      return needs.inputTokens + needs.outputTokens;
  }
}
