import { describe, expect, test } from "vitest";

import { decideReserve, leftOf, shortfallOf, warningsOf } from "../../../src/core/costs/budget.ts";
import { estimateClaim, scopesOf } from "../../../src/core/costs/index.ts";
import type { Budget } from "../../../src/core/costs/index.ts";

function aBudget(odd: Partial<Budget> = {}): Budget {
  return {
    scope: "plan:demo",
    limitMicroUsd: 1_000_000,
    isHard: true,
    reservedMicroUsd: 0,
    spentMicroUsd: 0,
    ...odd,
  };
}

describe("decideReserve", () => {
  test("allows up to the limit and refuses one millionth more", () => {
    const budget = aBudget({ reservedMicroUsd: 300_000, spentMicroUsd: 600_000 });

    expect(decideReserve([budget], 100_000)).toBeNull();
    expect(decideReserve([budget], 100_001)).toBe(budget);
  });

  test("names the first hard budget that refuses and passes soft ones by", () => {
    const soft = aBudget({ scope: "project", isHard: false, limitMicroUsd: 0 });
    const hard = aBudget({ limitMicroUsd: 5 });

    expect(decideReserve([soft, hard], 6)).toBe(hard);
    expect(decideReserve([soft], 6)).toBeNull();
  });
});

describe("warningsOf", () => {
  test("warns from 80 % on, in dollars", () => {
    const nearly = aBudget({ spentMicroUsd: 500_000, reservedMicroUsd: 300_000 });

    expect(warningsOf([aBudget({ spentMicroUsd: 799_999 })])).toEqual([]);
    expect(warningsOf([nearly])).toEqual([
      "The budget of plan:demo is nearly used up: 0.80 of 1.00 USD spent or reserved.",
    ]);
  });
});

describe("amounts of a warning and of a refusal", () => {
  test("have every digit that counts", () => {
    const small = aBudget({ limitMicroUsd: 10_000, spentMicroUsd: 8_001 });

    expect(warningsOf([small])).toEqual([
      "The budget of plan:demo is nearly used up: 0.008001 of 0.01 USD spent or reserved.",
    ]);
    expect(shortfallOf(small, 2_991)).toBe(
      "0.002991 USD are asked for, 0.001999 of 0.01 USD are left",
    );
  });

  test("leave nothing after an overrun", () => {
    expect(leftOf(aBudget({ spentMicroUsd: 1_000_001 }))).toBe("0.00 of 1.00 USD");
  });
});

describe("estimateClaim", () => {
  test.each([
    [0, 100_000],
    [5, 100_000],
    [30, 600_000],
    [100, 2_000_000],
    [10_080, 2_000_000],
  ])("reserves for %i minutes %i micro-dollars", (minutes, microUsd) => {
    expect(estimateClaim(minutes)).toBe(microUsd);
  });
});

describe("scopesOf", () => {
  test("widens from the task to its plan and the project", () => {
    expect(scopesOf("demo", "T1")).toEqual(["project", "plan:demo", "task:demo/T1"]);
    expect(scopesOf("demo", null)).toEqual(["project", "plan:demo"]);
    expect(scopesOf(null, null)).toEqual(["project"]);
  });
});
