import { describe, expect, test } from "vitest";

import type { RateLimits, TokenLimit } from "../../../../src/core/models/index.ts";
import { createTokenWindows } from "../../../../src/core/models/policies/token-windows.ts";
import type {
  TokenNeeds,
  TokenPlace,
  TokenWindows,
} from "../../../../src/core/models/policies/token-windows.ts";
import { someLimits } from "../../../support/models.ts";
import { createRandom } from "../../../support/planted-random.ts";
import type { Random } from "../../../support/planted-random.ts";

function needs(inputTokens: number, outputTokens = 0): TokenNeeds {
  return { inputTokens, outputTokens };
}

function limits(remaining: number, resetMs: number, odd: Partial<TokenLimit> = {}): RateLimits {
  const told = { name: "tokens", counts: "all", limit: 1_000, remaining, resetMs } as const;
  return someLimits({ tokenLimits: [{ ...told, ...odd }] });
}

/** A limit of 1,000 tokens in 2 s that was heard of at 0 ms. */
function aKnownLimit(remaining: number, odd: Partial<TokenLimit> = {}): TokenWindows {
  const windows = createTokenWindows();
  const place = windows.take(needs(1), 0);
  windows.giveBack(place, { nowMs: 0, limits: limits(remaining, 2_000, odd), wasCounted: true });
  return windows;
}

describe("createTokenWindows", () => {
  test("lets everything go before a header told of a limit", () => {
    const windows = createTokenWindows();
    windows.take(needs(1_000_000), 0);

    expect(windows.waitMs(needs(1_000_000), 0)).toBe(0);
  });

  test("lets go what fits into what remains, and makes wait what does not until all is there again", () => {
    const windows = aKnownLimit(600);

    expect(windows.waitMs(needs(300, 300), 0)).toBe(0);
    expect(windows.waitMs(needs(300, 301), 0)).toBe(2_010);
    expect(windows.waitMs(needs(300, 301), 2_010)).toBe(0);
  });

  test("counts calls under way at their worst", () => {
    const windows = aKnownLimit(600);
    windows.take(needs(400), 0);

    expect(windows.waitMs(needs(200), 0)).toBe(0);
    expect(windows.waitMs(needs(201), 0)).toBe(2_010);
  });

  test.each([
    ["input", 0, 2_010],
    ["output", 2_010, 0],
    ["all", 2_010, 2_010],
  ] as const)("counts what a limit of %s tokens counts", (counts, ofOutput, ofInput) => {
    const windows = aKnownLimit(100, { counts });

    expect(windows.waitMs(needs(0, 200), 0)).toBe(ofOutput);
    expect(windows.waitMs(needs(200, 0), 0)).toBe(ofInput);
  });

  test("waits for another call where all is there again but taken", () => {
    const windows = aKnownLimit(0);
    windows.take(needs(900), 2_100);

    expect(windows.waitMs(needs(200), 2_100)).toBeNull();
  });

  test("lets a call go that is larger than the whole limit, when nothing else has taken of it", () => {
    const windows = aKnownLimit(999);

    expect(windows.waitMs(needs(5_000), 0)).toBe(2_010);
    expect(windows.waitMs(needs(5_000), 2_010)).toBe(0);
    windows.take(needs(1), 2_010);
    expect(windows.waitMs(needs(5_000), 2_010)).toBeNull();
  });

  test("takes the word of a later call over that of an earlier one, however they arrive", () => {
    const windows = aKnownLimit(1_000);
    const early = windows.take(needs(100), 10);
    const late = windows.take(needs(100), 20);
    windows.giveBack(late, { nowMs: 50, limits: limits(300, 1_950), wasCounted: true });

    windows.giveBack(early, { nowMs: 60, limits: limits(900, 1_940), wasCounted: true });

    expect(windows.waitMs(needs(301), 60)).toBeGreaterThan(0);
    const next = windows.take(needs(100), 100);
    windows.giveBack(next, { nowMs: 120, limits: limits(700, 1_880), wasCounted: true });
    expect(windows.waitMs(needs(700), 120)).toBe(0);
  });

  test("keeps a word that was heard in the very millisecond in which a later call was sent", () => {
    const windows = aKnownLimit(100);
    const place = windows.take(needs(1), 0);

    windows.giveBack(place, { nowMs: 5, limits: limits(900, 1_995), wasCounted: true });

    expect(windows.waitMs(needs(100), 5)).toBe(0);
    expect(windows.waitMs(needs(101), 5)).toBeGreaterThan(0);
  });

  test("holds a call as taken that was cut off and told nothing, but not one that was turned away", () => {
    const windows = aKnownLimit(500);
    const refused = windows.take(needs(400), 10);
    windows.giveBack(refused, { nowMs: 20, limits: null, wasCounted: false });
    expect(windows.waitMs(needs(500), 20)).toBe(0);

    const cut = windows.take(needs(400), 30);
    windows.giveBack(cut, { nowMs: 40, limits: null, wasCounted: true });

    expect(windows.waitMs(needs(100), 40)).toBe(0);
    expect(windows.waitMs(needs(101), 40)).toBeGreaterThan(0);
  });

  test("assumes a minute where no end is told", () => {
    const windows = aKnownLimit(0, { resetMs: null });

    expect(windows.waitMs(needs(1), 0)).toBe(60_010);
  });

  test("keeps every limit that is told", () => {
    const windows = createTokenWindows();
    const place = windows.take(needs(1), 0);
    const tokenLimits: readonly TokenLimit[] = [
      { name: "in", counts: "input", limit: 1_000, remaining: 500, resetMs: 500 },
      { name: "out", counts: "output", limit: 1_000, remaining: 50, resetMs: 50 },
    ];
    windows.giveBack(place, { nowMs: 0, limits: someLimits({ tokenLimits }), wasCounted: true });

    expect(windows.waitMs(needs(500, 50), 0)).toBe(0);
    expect(windows.waitMs(needs(501, 50), 0)).toBe(510);
    expect(windows.waitMs(needs(500, 51), 0)).toBe(60);
    expect(windows.waitMs(needs(501, 51), 0)).toBe(510);
  });

  test.each(["windows with borders", "a bucket that refills", "a bucket that gives back"] as const)(
    "is never turned away by %s once it heard a header, and uses it",
    (kind) => {
      for (let seed = 1; seed <= 25; seed += 1) {
        const { refused, answered, usedShare } = play(kind, createRandom(seed));

        expect([seed, refused]).toEqual([seed, 0]);
        expect(answered).toBe(playedCalls);
        expect(usedShare).toBeGreaterThan(0.1);
      }
    },
  );
});

const playedCalls = 150;

type Kind = "windows with borders" | "a bucket that refills" | "a bucket that gives back";

interface Played {
  readonly refused: number;
  readonly answered: number;
  /** Of what the server would have allowed in that time. */
  readonly usedShare: number;
}

interface Flight {
  readonly place: TokenPlace;
  readonly cost: number;
  /** When the server counts it, and when its answer is heard. */
  readonly countedMs: number;
  readonly heardMs: number;
  told: RateLimits | null;
}

/** Calls of chance against a server of chance, event by event: every step is one millisecond. */
function play(kind: Kind, random: Random): Played {
  const server = aServer(kind, { limit: 1_000, windowMs: 400 + random.number(2_000) });
  const windows = createTokenWindows();
  const isExact = random.number(2) === 0;
  let flights: Flight[] = [];
  let [sent, answered, refused, used, nowMs] = [0, 0, 0, 0, 0];
  let next = needs(1 + random.number(400), random.number(300));
  while (answered + refused < playedCalls && nowMs < 2_000_000) {
    nowMs += 1;
    for (const flight of flights.filter(({ countedMs }) => countedMs === nowMs)) {
      const { isAdmitted, told } = server.count(flight.cost, nowMs);
      flight.told = told;
      refused += isAdmitted ? 0 : 1;
      used += isAdmitted ? flight.cost : 0;
    }
    for (const flight of flights.filter(({ heardMs }) => heardMs === nowMs)) {
      server.giveBack(flight.cost, nowMs);
      windows.giveBack(flight.place, { nowMs, limits: heard(flight, isExact), wasCounted: true });
      answered += 1;
    }
    flights = flights.filter(({ heardMs }) => heardMs > nowMs);
    // The first call goes alone: nothing is known before its header.
    const mayGo = sent === 0 || (answered > 0 && flights.length < 8);
    if (sent < playedCalls && mayGo && windows.waitMs(next, nowMs) === 0) {
      const worst = next.inputTokens + next.outputTokens;
      const countedMs = nowMs + 1 + random.number(30);
      flights.push({
        place: windows.take(next, nowMs),
        cost: Math.max(1, worst - random.number(worst)),
        countedMs,
        heardMs: countedMs + 1 + random.number(random.number(2) === 0 ? 20 : 900),
        told: null,
      });
      sent += 1;
      next = needs(1 + random.number(400), random.number(300));
    }
  }
  return { refused, answered, usedShare: used / server.allowedUntil(nowMs) };
}

/** A server tells when all is there again as a time, or as a span, which is read too late when the answer was slow. */
function heard({ told, countedMs, heardMs }: Flight, isExact: boolean): RateLimits | null {
  const lateMs = isExact ? heardMs - countedMs : 0;
  const tokenLimits = (told?.tokenLimits ?? []).map((limit) => ({
    ...limit,
    resetMs: (limit.resetMs ?? 0) - lateMs,
  }));
  return told === null ? null : { ...told, tokenLimits };
}

interface TokenServer {
  count(cost: number, nowMs: number): { readonly isAdmitted: boolean; readonly told: RateLimits };
  /** An answer was shorter than its worst. */
  giveBack(cost: number, nowMs: number): void;
  allowedUntil(nowMs: number): number;
}

function aServer(
  kind: Kind,
  { limit, windowMs }: { readonly limit: number; readonly windowMs: number },
): TokenServer {
  let left = limit;
  let atMs = 0;
  const isBucket = kind !== "windows with borders";
  const pass = (nowMs: number): void => {
    if (isBucket) {
      left = Math.min(limit, left + ((nowMs - atMs) * limit) / windowMs);
    } else if (Math.floor(nowMs / windowMs) > Math.floor(atMs / windowMs)) {
      left = limit;
    }
    atMs = nowMs;
  };
  return {
    count: (cost, nowMs) => {
      pass(nowMs);
      const isAdmitted = cost <= left;
      left -= isAdmitted ? cost : 0;
      const resetMs = isBucket
        ? Math.ceil(((limit - left) * windowMs) / limit)
        : windowMs - (nowMs % windowMs);
      return { isAdmitted, told: limits(Math.floor(left), resetMs, { limit }) };
    },
    giveBack: (cost, nowMs) => {
      if (kind === "a bucket that gives back") {
        pass(nowMs);
        left = Math.min(limit, left + cost / 3);
      }
    },
    allowedUntil: (nowMs) => limit + (nowMs / windowMs) * limit,
  };
}
