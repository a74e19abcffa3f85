import { describe, expect, test } from "vitest";

import { createRateWindow } from "../../../../src/core/models/policies/rate-window.ts";
import type { Place, RateWindow, Told } from "../../../../src/core/models/policies/rate-window.ts";
import { someLimits } from "../../../support/models.ts";

const silence: Told = { limits: null, isRefused: false, retryAfterMs: null };

function told(remaining: number, resetMs: number): Told {
  return { ...silence, limits: someLimits({ remaining, resetMs }) };
}

/** As many places as there are now. */
function takeAll(window: RateWindow, nowMs: number, most = 100): Place[] {
  const places: Place[] = [];
  while (places.length < most) {
    const taken = window.take(nowMs);
    if (taken.kind === "wait") {
      break;
    }
    places.push(taken.place);
  }
  return places;
}

/** A window that has heard of 15 requests in 2 s and has 14 left at 0 ms. */
function aKnownWindow(): RateWindow {
  const window = createRateWindow();
  const [place] = takeAll(window, 0, 1);
  window.giveBack(place ?? { window: 0, sentMs: 0 }, told(14, 2_000), 0);
  return window;
}

describe("createRateWindow", () => {
  test("lets 15 go before anything is known, and the rest wait for an answer", () => {
    const window = createRateWindow();

    expect(takeAll(window, 0)).toHaveLength(15);
    expect(window.take(0)).toEqual({ kind: "wait", ms: null });
  });

  test("knows no limit when the first answer tells none", () => {
    const window = createRateWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0);

    window.giveBack(place, silence, 10);

    expect(takeAll(window, 10)).toHaveLength(100);
    expect(window.limit()).toBeNull();
  });

  test("counts calls under way at the first header as not yet counted by the provider", () => {
    const window = createRateWindow();
    const [first = { window: 0, sentMs: 0 }] = takeAll(window, 0, 10);

    window.giveBack(first, told(14, 2_000), 5);

    expect(takeAll(window, 5)).toHaveLength(5);
  });

  test("lets the rest of the window go, then waits for its end", () => {
    const window = aKnownWindow();

    expect(takeAll(window, 0)).toHaveLength(14);
    expect(window.take(1)).toEqual({ kind: "wait", ms: 2_009 });
  });

  test("begins a new window at the told end, with the whole limit", () => {
    const window = aKnownWindow();
    for (const place of takeAll(window, 0)) {
      window.giveBack(place, told(0, 1_990), 10);
    }

    expect(window.take(2_009).kind).toBe("wait");
    expect(takeAll(window, 2_010)).toHaveLength(15);
  });

  test("keeps back as many as were under way when the window ended", () => {
    const window = aKnownWindow();
    const [slow = { window: 0, sentMs: 0 }, ...quick] = takeAll(window, 0);
    for (const place of quick) {
      window.giveBack(place, told(0, 1_990), 10);
    }

    expect(takeAll(window, 2_010)).toHaveLength(14);
    window.giveBack(slow, told(0, 0), 2_020);
    expect(takeAll(window, 2_020)).toHaveLength(1);
  });

  test("does not let the late word of an earlier window count in this one", () => {
    const window = aKnownWindow();
    const [late = { window: 0, sentMs: 0 }, ...quick] = takeAll(window, 0);
    for (const place of quick) {
      window.giveBack(place, told(0, 1_990), 10);
    }
    const fresh = takeAll(window, 2_010);

    window.giveBack(late, told(0, 0), 2_011);

    expect(fresh).toHaveLength(14);
    expect(takeAll(window, 2_012)).toHaveLength(1);
    expect(takeAll(window, 2_030)).toHaveLength(0);
  });

  test("counts a call in this window that was sent before it and counted by the provider after its border", () => {
    const window = aKnownWindow();
    const straddling = takeAll(window, 1_990);
    const before = takeAll(window, 2_010);
    expect([straddling.length, before.length]).toEqual([14, 1]);

    for (const [at, place] of straddling.entries()) {
      window.giveBack(place, told(14 - at, 1_980 + at), 2_020);
    }

    expect(takeAll(window, 2_020)).toHaveLength(0);
    expect(window.take(2_020)).toEqual({ kind: "wait", ms: 2_003 });
  });

  test("sees that the provider's next window began before ours", () => {
    const window = aKnownWindow();
    const places = takeAll(window, 1_900);
    const [old = { window: 0, sentMs: 0 }, ...others] = places;
    window.giveBack(old, told(13, 100), 1_905);

    const [last = old] = others.splice(-1);
    for (const [at, place] of others.entries()) {
      window.giveBack(place, told(14 - at, 1_990), 1_915);
    }
    expect(takeAll(window, 1_920)).toHaveLength(2);
    window.giveBack(last, told(2, 1_990), 1_915);

    expect(window.take(2_100).kind).toBe("wait");
    expect(takeAll(window, 3_915)).toHaveLength(13);
  });

  test("sees what others use of the same key", () => {
    const window = aKnownWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);

    window.giveBack(place, told(3, 1_900), 100);

    expect(takeAll(window, 100)).toHaveLength(3);
  });

  test("waits for the latest end when a bucket refills steadily and each call tells a later one", () => {
    const window = aKnownWindow();
    const [one = { window: 0, sentMs: 0 }, two = { window: 0, sentMs: 0 }, ...rest] = takeAll(
      window,
      0,
    );
    window.giveBack(two, told(0, 60_000), 10);
    window.giveBack(one, told(13, 4_000), 20);

    expect(window.take(4_100).kind).toBe("wait");
    for (const place of rest) {
      window.giveBack(place, told(5, 20_000), 5_000);
    }
    expect(window.take(60_010).kind).toBe("wait");
    expect(takeAll(window, 60_020)).toHaveLength(15);
  });

  test("follows a limit that changes", () => {
    const window = aKnownWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);
    const limits = someLimits({ requests: 1_000, remaining: 998, resetMs: 60_000 });
    window.giveBack(place, { ...silence, limits }, 50);

    expect(window.limit()).toBe(1_000);
    expect(takeAll(window, 50, 2_000)).toHaveLength(998);
  });

  test.each([
    [1_000, 998],
    [5, 3],
  ])("follows a limit that becomes %i within its window", (requests, remaining) => {
    const window = aKnownWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);
    window.giveBack(
      place,
      { ...silence, limits: someLimits({ requests, remaining, resetMs: 1_950 }) },
      50,
    );

    expect(window.limit()).toBe(requests);
    expect(takeAll(window, 50, 2_000)).toHaveLength(remaining);
    expect(takeAll(window, 2_010, 2_000)).toHaveLength(2);
  });

  test("takes the word of the last call under way for the whole truth", () => {
    const window = createRateWindow();
    const [first = { window: 0, sentMs: 0 }, ...others] = takeAll(window, 0, 10);
    const [last = first] = others.splice(-1);
    window.giveBack(first, told(14, 2_000), 5);
    for (const place of others) {
      window.giveBack(place, silence, 10);
    }

    window.giveBack(last, told(13, 1_990), 10);

    expect(takeAll(window, 10)).toHaveLength(13);
  });

  test("ends a window at the earliest of the ends that are told with the same rest", () => {
    const window = aKnownWindow();
    const [quick = { window: 0, sentMs: 0 }, slow = quick] = takeAll(window, 0);
    window.giveBack(quick, told(0, 1_990), 10);
    window.giveBack(slow, told(0, 1_990), 300);

    expect(window.take(2_009).kind).toBe("wait");
    expect(window.take(2_010).kind).toBe("go");
  });

  test("lets a window of which no header has told last as long as those before, and a way to the provider longer", () => {
    const window = aKnownWindow();
    takeAll(window, 0);

    expect(takeAll(window, 2_010)).toHaveLength(1);
    expect(window.take(2_010)).toEqual({ kind: "wait", ms: 2_500 });
  });

  test("takes an end that the provider names by its own clock as it stands", () => {
    const window = createRateWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);
    const limits = someLimits({ requests: 1, remaining: 0, resetMs: 1_500, isResetExact: true });
    window.giveBack(place, { ...silence, limits }, 500);

    expect(window.take(2_009).kind).toBe("wait");
    expect(window.take(2_010).kind).toBe("go");
    expect(window.take(2_010)).toEqual({ kind: "wait", ms: 2_500 });
  });

  test("stands still after a 429 for as long as it is told", () => {
    const window = createRateWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);

    window.giveBack(place, { limits: null, isRefused: true, retryAfterMs: 3_000 }, 0);

    expect(window.take(3_009)).toEqual({ kind: "wait", ms: 1 });
    expect(window.take(3_010).kind).toBe("go");
  });

  test.each([
    [
      "its window, where only its headers name an end",
      someLimits({ remaining: 3, resetMs: 5_000 }),
      5_010,
    ],
    ["a second, where nothing does", null, 1_010],
  ])("stands still after a 429 for %s", (_, limits, ms) => {
    const window = createRateWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);

    window.giveBack(place, { limits, isRefused: true, retryAfterMs: null }, 0);

    expect(window.take(ms - 1)).toEqual({ kind: "wait", ms: 1 });
    expect(window.take(ms).kind).toBe("go");
  });

  test("goes down to one call after a 429 where no number was known", () => {
    const window = createRateWindow();
    const [first = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);
    window.giveBack(first, silence, 0);
    const [only = first, ...others] = takeAll(window, 0, 20);
    for (const place of others) {
      window.giveBack(place, silence, 0);
    }

    window.giveBack(only, { ...silence, isRefused: true }, 0);

    expect(takeAll(window, 1_010)).toHaveLength(1);
  });

  test("halves the calls under way when a provider without headers says 429, and lets one more go with each answer", () => {
    const window = createRateWindow();
    const [first = { window: 0, sentMs: 0 }, ...rest] = takeAll(window, 0, 12);
    window.giveBack(first, { limits: null, isRefused: true, retryAfterMs: null }, 0);
    for (const place of rest) {
      window.giveBack(place, { limits: null, isRefused: true, retryAfterMs: null }, 0);
    }
    const [only = { window: 0, sentMs: 0 }, ...more] = takeAll(window, 2_000);
    expect(more).toHaveLength(0);

    window.giveBack(only, silence, 2_100);
    const two = takeAll(window, 2_100);
    window.giveBack(two[0] ?? only, silence, 2_200);

    expect(two).toHaveLength(2);
    expect(takeAll(window, 2_200)).toHaveLength(2);
  });

  test("never starves when headers do not tell the end of the window", () => {
    const window = createRateWindow();
    const [place = { window: 0, sentMs: 0 }] = takeAll(window, 0, 1);
    const limits = someLimits({ remaining: 0, resetMs: null });

    window.giveBack(place, { ...silence, limits }, 0);

    expect(window.take(59_000).kind).toBe("wait");
    expect(window.take(60_010).kind).toBe("go");
  });
});
