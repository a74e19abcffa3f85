import { describe, expect, test } from "vitest";

import { decideRetryMoney } from "../../../src/core/costs/retries.ts";

describe("decideRetryMoney", () => {
  test.each([
    [1_599_999, false, null],
    [1_600_000, false, "Retries of the plan demo have cost 1.60 of 2.00 USD."],
    [1_999_999, false, "Retries of the plan demo have cost 1.999999 of 2.00 USD."],
    [2_000_000, true, "Retries of the plan demo have cost 2.00 of 2.00 USD."],
  ])("at %i micro-dollars of 2 USD", (spent, isUsedUp, warning) => {
    expect(decideRetryMoney({ plan: "demo", spent, limit: 2_000_000 })).toEqual({
      spentMicroUsd: spent,
      limitMicroUsd: 2_000_000,
      isUsedUp,
      warning,
    });
  });
});
