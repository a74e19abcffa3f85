import { describe, expect, test } from "vitest";
import {
  effectiveRule,
  ruleInWords,
  sameThresholds,
  thresholdFor,
} from "../../../../src/core/review/vote/thresholds.ts";

const thresholds = { preset: 60, severity: { critical: 50 }, category: { style: 70 } };

describe("thresholdFor", () => {
  test("lets the category outrank the severity, and the severity the preset", () => {
    expect(thresholdFor(thresholds, { severity: "critical", category: "style" })).toBe(70);
    expect(thresholdFor(thresholds, { severity: "critical", category: "api" })).toBe(50);
    expect(thresholdFor(thresholds, { severity: "low", category: "api" })).toBe(60);
  });
});

describe("ruleInWords", () => {
  test.each([
    [60, [1, 1, 1], "60 % of 3 equal votes = 2 of 3"],
    [70, [1, 1, 1], "70 % of 3 equal votes = 3 of 3"],
    [50, [1, 1], "50 % of 2 equal votes = 2 of 2"],
    [50, [1], "50 % of 1 equal vote = 1 of 1"],
    [60, [1_500, 1_000, 1_000, 1_000, 700], "60 % of 5 weighted votes = 3 to 4 of 5"],
  ])("says %i percent of %j", (threshold, weights, words) => {
    expect(ruleInWords(threshold, weights)).toBe(words);
  });
});

describe("effectiveRule", () => {
  test("adds the thresholds that differ", () => {
    expect(effectiveRule(thresholds, [1_000, 1_000, 1_000, 1_000])).toBe(
      "60 % of 3 equal votes = 2 of 3; critical: 50 % of 3 equal votes = 2 of 3; style: 70 % of 3 equal votes = 3 of 3",
    );
  });
});

describe("effectiveRule of unequal seats", () => {
  test("holds whoever proposes", () => {
    const large = [1_500, 1_500];
    const medium = [1_000, 1_000, 1_000, 1_000];
    const panel = [...large, ...medium, 1_000, 1_000, 700, 700];
    const plain = { preset: 70, severity: {}, category: {} };

    // With a small seat's candidate seven of nine are too few where both large ones reject.
    expect(effectiveRule(plain, panel)).toBe("70 % of 9 weighted votes = 6 to 8 of 9");
  });
});

describe("sameThresholds", () => {
  test("warns where two thresholds decide alike", () => {
    expect(sameThresholds(thresholds, [1, 1, 1, 1])).toEqual([
      "50 % and 60 % decide alike here: 60 % of 3 equal votes = 2 of 3.",
    ]);
  });

  test("is silent where weights tell them apart", () => {
    expect(sameThresholds(thresholds, [1_500, 1_000, 1_000, 1_000, 1_000, 1_000, 700])).toEqual([]);
  });

  test("takes twenty seats of unlike weights", () => {
    const panel = Array.from({ length: 20 }, (_, index) => 500 + index * 37);

    expect(sameThresholds(thresholds, panel)).toEqual([]);
  });
});
