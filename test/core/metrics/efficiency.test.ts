import { describe, expect, test } from "vitest";
import { distributionOf, parallelEfficiency, trendOf } from "../../../src/core/metrics/index.ts";
import type { MetricHour, Stretch } from "../../../src/core/metrics/index.ts";

const span = { fromMs: 0, toMs: 1_000 };

function worked(worker: string, startedAtMs: number, endedAtMs: number | null): Stretch {
  return { worker, startedAtMs, endedAtMs };
}

describe("parallelEfficiency", () => {
  test("is whole where everybody works from first to last", () => {
    const stretches = [worked("ada", 0, 500), worked("bob", 0, 1_000)];

    expect(parallelEfficiency(stretches, span)).toBe(1);
  });

  test("counts the time in which one waits while another works", () => {
    const stretches = [worked("ada", 0, 100), worked("ada", 300, 400), worked("bob", 0, 400)];

    expect(parallelEfficiency(stretches, span)).toBe(600 / 800);
  });

  test("counts nobody's nights", () => {
    const stretches = [worked("ada", 0, 100), worked("ada", 900, 1_000), worked("bob", 0, 100)];

    expect(parallelEfficiency(stretches, span)).toBe(1);
  });

  test("counts work that goes on until now, and none outside of the time", () => {
    const stretches = [worked("ada", -5_000, null), worked("bob", 500, 2_000)];
    const before = [worked("ada", -1_000, -900), worked("ada", 500, null), worked("bob", 0, null)];
    const after = [worked("ada", 0, 500), worked("ada", 1_500, 2_000), worked("bob", 0, null)];

    expect([stretches, before, after].map((all) => parallelEfficiency(all, span))).toEqual([
      1, 1, 1,
    ]);
  });

  test("counts time that one worker held two tasks once", () => {
    const stretches = [worked("ada", 0, 300), worked("ada", 100, 200), worked("bob", 0, 300)];

    expect(parallelEfficiency(stretches, span)).toBe(1);
  });

  test("says nothing of a single worker", () => {
    expect(parallelEfficiency([worked("ada", 0, 100), worked("bob", 5, 5)], span)).toBeNull();
  });
});

function hour(hourMs: number, values: readonly number[]): MetricHour {
  return { hourMs, distribution: distributionOf(values) };
}

describe("trendOf", () => {
  test("compares the later half with the earlier one", () => {
    const hours = [hour(100, [10, 30]), hour(600, [30]), hour(700, [30])];

    expect(trendOf({ hours }, span)).toBe(0.5);
  });

  test("knows none where one half is empty", () => {
    expect(trendOf({ hours: [hour(600, [30])] }, span)).toBeNull();
    expect(trendOf({ hours: [] }, span)).toBeNull();
  });
});
