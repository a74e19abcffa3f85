import { describe, expect, test } from "vitest";
import { createUrge } from "../../../src/mcp/forward/urge.ts";

describe("createUrge", () => {
  test("presses after four calls in two seconds that waited for others", () => {
    const urge = createUrge();

    const pressed = [1, 2, 3, 4].map((waits) => urge.isPressing(waits, waits * 500));

    expect(pressed).toEqual([false, false, false, true]);
  });

  test("not when they are further apart, and not for several waits of one call", () => {
    const urge = createUrge();

    expect([1, 2, 3, 4].map((waits) => urge.isPressing(waits, waits * 700))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(createUrge().isPressing(40, 10)).toBe(false);
  });

  test("not for calls that waited for nobody", () => {
    const urge = createUrge();
    urge.isPressing(3, 0);

    const pressed = [1, 2, 3, 4, 5].map((at) => urge.isPressing(3, at));

    expect(pressed).toEqual([false, false, false, false, false]);
  });
});
