import { describe, expect, test } from "vitest";
import { linkTasks } from "../../../src/core/plans/graph.ts";
import { findOverlaps } from "../../../src/core/plans/overlaps.ts";
import type { ScopedTask } from "../../../src/core/plans/overlaps.ts";
import { aWildGlob, createWeighedSearch } from "../../support/weighed-search.ts";

const noOrder = linkTasks([]);

function tasksWith(count: number, fileOf: (at: number) => string): readonly ScopedTask[] {
  return Array.from({ length: count }, (_, at) => ({ id: `T${String(at)}`, files: [fileOf(at)] }));
}

describe("findOverlaps", () => {
  test("compares every pair of usual globs of a plan that is not large", () => {
    const { search } = createWeighedSearch();
    const tasks = tasksWith(200, (at) => `src/${String(at)}-*.ts`);

    const report = findOverlaps([...tasks, { id: "all", files: ["src/**"] }], noOrder, search());

    expect(report.overlaps).toHaveLength(20);
    expect(findOverlaps(tasks, noOrder, search())).toEqual({ overlaps: [], isComplete: true });
  });

  test("does no more for wild globs than for as many usual ones as they count, and says that it stopped", () => {
    const { search, signs } = createWeighedSearch();

    const report = findOverlaps(tasksWith(320, aWildGlob), noOrder, search());

    expect(report).toEqual({ overlaps: [], isComplete: false });
    // 50,000 pairs of at most 16 signs each. All pairs of the plan are sixty times as many.
    expect(signs()).toBeLessThanOrEqual(50_000 * 16 * 16);
    expect(signs()).toBeGreaterThan(0);
  });
});
