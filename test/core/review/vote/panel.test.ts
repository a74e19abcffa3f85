import { describe, expect, test } from "vitest";
import { mixOf } from "../../../../src/core/review/vote/mix.ts";
import { familiesOf, seatPanel } from "../../../../src/core/review/vote/panel.ts";
import { presetNames, presets } from "../../../../src/core/review/vote/presets.ts";
import { aModel } from "../../../support/reviewers.ts";

const models = [
  aModel({ name: "big", family: "claude", size: "large", weight: 1_500 }),
  aModel({ name: "mid", family: "gpt", size: "medium" }),
  aModel({ name: "mid-too", family: "gpt", size: "medium" }),
  aModel({ name: "mid-other", family: "qwen", size: "medium" }),
  aModel({ name: "little", family: "llama", size: "small", weight: 700 }),
];

describe("mixOf", () => {
  const table: readonly (readonly [number, string])[] = [
    [1, "0 1 0 0"],
    [2, "1 1 0 0"],
    [3, "1 1 1 0"],
    [4, "1 1 1 1"],
    [5, "1 2 1 1"],
    [6, "1 3 1 1"],
    [7, "2 3 1 1"],
    [8, "2 3 2 1"],
    [9, "2 3 2 2"],
    [10, "2 4 2 2"],
    [11, "2 5 2 2"],
    [12, "3 5 2 2"],
    [13, "3 5 3 2"],
    [14, "3 5 3 3"],
    [15, "3 6 3 3"],
    [16, "3 7 3 3"],
    [17, "4 7 3 3"],
    [18, "4 7 4 3"],
    [19, "4 7 4 4"],
    [20, "4 8 4 4"],
  ];
  test.each(table)("shares %i seats out as %s", (seats, shares) => {
    const mix = mixOf(seats);
    const found = [mix.large, mix["medium-a"], mix["medium-b"], mix.small];

    expect(found.join(" ")).toBe(shares);
    expect(found.reduce((sum, count) => sum + count, 0)).toBe(seats);
  });
});

describe("seatPanel", () => {
  test("seats ten as two large, four and two medium of two families, two small", () => {
    const { seats, threshold, mode, notes } = seatPanel({ preset: "critical", models });

    expect(seats.map(({ model }) => model.name)).toEqual([
      "big",
      "big",
      "mid",
      "mid",
      "mid",
      "mid",
      "mid-other",
      "mid-other",
      "little",
      "little",
    ]);
    expect(seats.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(seats[0]?.weight).toBe(1_500);
    expect([threshold, mode, notes]).toEqual([70, "vote", []]);
    expect(familiesOf(seats)).toEqual(["claude", "gpt", "qwen", "llama"]);
  });

  test.each([
    { preset: "balanced", size: 6, threshold: 60, mode: "vote" },
    { preset: "fast", size: 4, threshold: 50, mode: "vote" },
    { preset: "quick", size: 2, threshold: 50, mode: "refute" },
  ] as const)("gives $preset $size seats at $threshold percent", (row) => {
    const panel = seatPanel({ preset: row.preset, models });

    expect(panel.seats).toHaveLength(row.size);
    expect(panel).toMatchObject({ threshold: row.threshold, mode: row.mode });
  });

  test("takes the nearest size where one is missing, and says so", () => {
    const panel = seatPanel({
      preset: "fast",
      models: models.filter(({ size }) => size !== "large"),
    });

    expect(panel.seats[0]?.model.size).toBe("medium");
    expect(panel.notes).toEqual([
      "No model of size large is declared; its seats go to medium ones.",
    ]);
  });

  test("spreads the seats over all models where sizes are missing", () => {
    const medium = ["a", "b", "c"].map((family) => aModel({ name: family, family }));
    const panel = seatPanel({ preset: "fast", models: medium });

    expect(panel.seats.map(({ model }) => model.name)).toEqual(["a", "b", "c", "a"]);
  });

  test("says what a panel of one family means", () => {
    const panel = seatPanel({ preset: "fast", models: [aModel()] });

    expect(panel.seats).toHaveLength(4);
    expect(panel.notes.at(-1)).toMatch(/of the family claude.*single-family/u);
  });

  test("seats named members in their order, twice where named twice", () => {
    const panel = seatPanel({ preset: "balanced", members: ["mid", "big", "mid"], models });

    expect(panel.seats.map(({ model }) => model.name)).toEqual(["mid", "big", "mid"]);
    expect(panel.mode).toBe("vote");
  });

  test("lets two seats refute each other whatever the preset", () => {
    expect(seatPanel({ preset: "critical", seats: 2, models }).mode).toBe("refute");
  });

  test.each([0, 21, 1.5])("refuses %d seats", (seats) => {
    expect(() => seatPanel({ preset: "fast", seats, models })).toThrow(
      expect.objectContaining({ code: "SKN-1871" }),
    );
  });

  test("has the presets' sizes and thresholds, and their order as they are named", () => {
    expect(presetNames.map((name) => [name, presets[name].seats, presets[name].threshold])).toEqual(
      [
        ["critical", 10, 70],
        ["balanced", 6, 60],
        ["fast", 4, 50],
        ["quick", 2, 50],
      ],
    );
    expect(presets.quick.mode).toBe("refute");
  });

  test("refuses a member that is not declared, and names those that are", () => {
    expect(() => seatPanel({ preset: "fast", members: ["nobody"], models })).toThrow(
      expect.objectContaining({ code: "SKN-1872", fix: expect.stringContaining("mid-other") }),
    );
  });

  test("refuses to review without a model", () => {
    expect(() => seatPanel({ preset: "fast", models: [] })).toThrow(
      expect.objectContaining({ code: "SKN-2871" }),
    );
  });
});
