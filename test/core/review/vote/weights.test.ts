import { describe, expect, test } from "vitest";
import {
  learnedWeight,
  learnWeight,
  panelWeights,
} from "../../../../src/core/review/vote/weights.ts";
import { seatsOf } from "../../../support/reviewers.ts";

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

describe("panelWeights", () => {
  test("gives no seat more than half of the panel's total", () => {
    const seats = seatsOf(["a", "b", "c"]).map((seat) =>
      seat.number === 1 ? { ...seat, weight: 9_000 } : seat,
    );

    expect([...panelWeights(seats, "api", [])]).toEqual([
      [1, 2_000],
      [2, 1_000],
      [3, 1_000],
    ]);
  });

  test("weighs each seat by its model's record", () => {
    const records = [{ model: "b-2", category: "api", right: 0, wrong: 10 }] as const;

    expect([...panelWeights(seatsOf(["a", "b", "c"]), "api", records).values()]).toEqual([
      1_000, 500, 1_000,
    ]);
  });
});
