import { describe, expect, test } from "vitest";
import { nearest } from "../../../src/core/base/nearest.ts";
import { canMove, decideRetry, scoreOf } from "../../../src/core/plans/index.ts";
import type { FailureCause, TaskStatus } from "../../../src/core/plans/index.ts";
import { findCycle } from "../../../src/core/plans/graph.ts";
import { isFailing } from "../../../src/core/plans/retry.ts";

const delays = (cause: FailureCause, count: number): readonly (number | string)[] =>
  Array.from({ length: count }, (_, at) => {
    const decision = decideRetry({ cause, count: at + 1, random01: 0.5 });
    return decision.kind === "retry" ? decision.afterMs : decision.kind;
  });

const task = (id: string, dependsOn: readonly string[], parent: string | null = null) => ({
  id,
  dependsOn,
  parent,
});

describe("scoreOf()", () => {
  const free = { hasDependencies: false, dependents: 0, isPathLeased: false };

  test("orders the worked example A, D, B, C", () => {
    const a = scoreOf({ ...free, priority: "critical", minutes: 10 });
    const d = scoreOf({ ...free, priority: "high", dependents: 3, minutes: 15 });
    const b = scoreOf({ ...free, priority: "high", hasDependencies: true, minutes: 30 });
    const c = scoreOf({ ...free, priority: "medium", minutes: 5, isPathLeased: true });

    expect([a, d, b, c]).toEqual([1490, 1485, 670, 495]);
  });

  test("takes at most 30 points for a long task", () => {
    expect(scoreOf({ ...free, priority: "low", minutes: 10_080 })).toBe(100 + 500 - 300);
  });
});

describe("decideRetry()", () => {
  test.each<[FailureCause, readonly (number | string)[]]>([
    ["network", [1_000, 2_000, 4_000, 8_000, 16_000, "dead-letter"]],
    ["file_locked", [...Array.from({ length: 10 }, () => 5_000), "dead-letter"]],
    ["validation_failed", [0, 0, "dead-letter"]],
    ["agent_error", [0, 0, 0, "dead-letter"]],
    ["git_conflict", [0, "person"]],
    ["session_lost", [0, 0, 0, "dead-letter"]],
    ["timeout", [0, 0, 0, "dead-letter"]],
    ["canceled", ["person"]],
    ["budget", ["person"]],
  ])("tries again after %s as its policy says", (cause, expected) => {
    expect(delays(cause, expected.length)).toEqual(expected);
  });

  test("spreads a delay by a quarter either way", () => {
    const spread = [0, 1].map((random01) => decideRetry({ cause: "network", count: 5, random01 }));

    expect(spread).toMatchObject([{ afterMs: 12_000 }, { afterMs: 20_000 }]);
  });

  test.each<[FailureCause, boolean, boolean]>([
    ["network", false, false],
    ["file_locked", false, false],
    ["validation_failed", false, true],
    ["agent_error", true, true],
    ["git_conflict", false, true],
    ["session_lost", false, false],
    ["timeout", true, false],
  ])("after %s: another agent %s, feedback %s", (cause, avoidsSession, withFeedback) => {
    const decision = decideRetry({ cause, count: 1, random01: 0 });

    expect(decision).toMatchObject({ avoidsSession, withFeedback });
  });
});

describe("isFailing()", () => {
  test.each([
    [6, 6, false],
    [7, 1, false],
    [7, 2, true],
    [20, 3, false],
    [20, 4, true],
    [100, 15, false],
    [100, 16, true],
  ])("of %i ended attempts with %i failures says %s", (ended, failed, expected) => {
    expect(isFailing({ ended, failed })).toBe(expected);
  });
});

describe("canMove()", () => {
  test.each<[TaskStatus, TaskStatus, boolean]>([
    ["pending", "claimed", true],
    ["pending", "submitted", false],
    ["claimed", "done", false],
    ["submitted", "done", true],
    ["done", "pending", false],
    ["failed", "pending", true],
    ["blocked", "claimed", false],
  ])("from %s to %s is %s", (from, to, expected) => {
    expect(canMove(from, to)).toBe(expected);
  });
});

describe("findCycle()", () => {
  test("finds none in a plan without one", () => {
    expect(findCycle([task("A", []), task("B", ["A"]), task("C", ["A"], "B")])).toBeNull();
  });

  test("names the circle and not the way to it", () => {
    expect(findCycle([task("A", ["B"]), task("B", ["C"]), task("C", ["B"])])).toEqual([
      "B",
      "C",
      "B",
    ]);
  });

  test("finds a circle that goes through a container's end", () => {
    const tasks = [task("G", []), task("A", ["X"], "G"), task("X", ["G"])];

    expect(findCycle(tasks)).toEqual(["G", "A", "X", "G"]);
  });

  test("takes a chain of 20,000 tasks, closed or open", () => {
    const chain = Array.from({ length: 20_000 }, (_, at) =>
      task(String(at), at === 0 ? [] : [String(at - 1)]),
    );

    expect(findCycle(chain)).toBeNull();
    expect(findCycle([task("0", ["19999"]), ...chain.slice(1)])).toHaveLength(20_001);
  });
});

describe("nearest()", () => {
  test("finds a word one or two edits away and no farther one", () => {
    expect(nearest("titel", ["title", "tasks"])).toBe("title");
    expect(nearest("zebra", ["title", "tasks"])).toBeNull();
    expect(nearest("a", ["b"])).toBeNull();
  });
});
