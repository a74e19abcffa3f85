import { describe, expect, test } from "vitest";
import { learnedWeight, learnWeight } from "../../../../src/core/review/vote/weights.ts";

describe("learnWeight", () => {
  test("leaves the configured weight without outcomes, and with even ones", () => {
    expect(learnWeight(1_500, { right: 0, wrong: 0 })).toMatchObject({ weight: 1_500, trust: 500 });
    expect(learnWeight(1_500, { right: 9, wrong: 9 }).weight).toBe(1_500);
  });

  test("moves slowly: one outcome less than a tenth", () => {
    expect(learnWeight(1_000, { right: 1, wrong: 0 }).weight).toBe(1_090);
    expect(learnWeight(1_000, { right: 0, wrong: 1 }).weight).toBe(910);
  });

  test("stays between half and twice the configured weight", () => {
    expect(learnWeight(700, { right: 100_000, wrong: 0 }).weight).toBe(1_400);
    expect(learnWeight(700, { right: 0, wrong: 100_000 }).weight).toBe(350);
  });
});

describe("learnedWeight", () => {
  test("learns apart by model and category", () => {
    const records = [{ model: "opus", category: "api", right: 5, wrong: 0 }] as const;
    const opus = { name: "opus", weight: 1_000 };

    expect(learnedWeight(opus, "api", records).weight).toBe(1_334);
    expect(learnedWeight(opus, "style", records).weight).toBe(1_000);
    expect(learnedWeight({ ...opus, name: "gpt" }, "api", records).weight).toBe(1_000);
  });
});
