import { describe, expect, test } from "vitest";
import { createUrge } from "../../../src/mcp/forward/urge.ts";
import type { Urge } from "../../../src/mcp/forward/urge.ts";

function met(waits: number, crowds = 0): Parameters<Urge["isPressing"]>[0] {
  return { waits, crowds };
}

describe("createUrge", () => {
  test("presses after four calls in two seconds that waited for others", () => {
    const urge = createUrge();

    const pressed = [1, 2, 3, 4].map((waits) => urge.isPressing(met(waits), waits * 500));

    expect(pressed).toEqual([false, false, false, true]);
  });

  test("not when they are further apart, and not for several waits of one call", () => {
    const urge = createUrge();

    expect([1, 2, 3, 4].map((waits) => urge.isPressing(met(waits), waits * 700))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(createUrge().isPressing(met(40), 10)).toBe(false);
  });

  test("not for calls that waited for nobody", () => {
    const urge = createUrge();
    urge.isPressing(met(3), 0);

    const pressed = [1, 2, 3, 4, 5].map((at) => urge.isPressing(met(3), at));

    expect(pressed).toEqual([false, false, false, false, false]);
  });

  test("at once after a write that waited for a crowd, and not for that one again", () => {
    const urge = createUrge();

    expect(urge.isPressing(met(30, 1), 0)).toBe(true);
    expect(urge.isPressing(met(30, 1), 1)).toBe(false);
    expect(urge.isPressing(met(31, 2), 90_000)).toBe(true);
  });
});
