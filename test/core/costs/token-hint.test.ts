import { describe, expect, test } from "vitest";

import { tokenHint } from "../../../src/core/costs/index.ts";

describe("tokenHint", () => {
  test.each([
    [1, 10_000, 1_500],
    [5, 10_000, 1_500],
    [6, 30_000, 2_500],
    [15, 30_000, 2_500],
    [16, 100_000, 4_000],
    [50, 100_000, 4_000],
    [51, 300_000, 6_000],
    [10_000, 300_000, 6_000],
  ])(
    "gives a plan of %i steps %i tokens and %i a review, a fifth of it in reserve",
    (steps, tokens, review) => {
      expect(tokenHint(steps)).toEqual({ tokens, review, reserve: tokens / 5 });
    },
  );

  test("has nothing to say of a plan without steps", () => {
    expect(tokenHint(0)).toBeNull();
  });
});
