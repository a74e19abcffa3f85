import { describe, expect, test } from "vitest";
import { estimatePlan } from "../../../../src/core/planner/preview/estimate.ts";
import { scheduleOf } from "../../../../src/core/planner/preview/schedule.ts";
import { treeLines } from "../../../../src/core/planner/preview/tree-lines.ts";
import { aDraftPlan, aDraftTask } from "../builders.ts";

const tasks = [
  aDraftTask("rules", { minutes: 60 }),
  aDraftTask("views", { scope: [], dependsOn: ["rules"] }),
  aDraftTask("cart", { parent: "views", minutes: 30 }),
  aDraftTask("mail", { parent: "views", minutes: 15 }),
  aDraftTask("docs", { minutes: 10, dependsOn: ["views"] }),
  aDraftTask("admin", { minutes: 20 }),
];

describe("scheduleOf", () => {
  test("finds the chain that decides, through containers, and how many run at once", () => {
    expect(scheduleOf(tasks)).toEqual({
      criticalPath: ["rules", "cart", "docs"],
      minutes: 100,
      width: 2,
    });
  });

  test("counts no work that is done", () => {
    const done = tasks.map((task) => (task.id === "rules" ? { ...task, isDone: true } : task));

    expect(scheduleOf(done)).toMatchObject({
      criticalPath: ["cart", "docs"],
      minutes: 40,
      width: 3,
    });
  });

  test("lays out nothing that waits in a circle", () => {
    const circle = [aDraftTask("a", { dependsOn: ["b"] }), aDraftTask("b", { dependsOn: ["a"] })];

    expect(scheduleOf(circle)).toEqual({ criticalPath: [], minutes: 0, width: 0 });
  });
});

describe("estimatePlan", () => {
  test("prices 18 tasks of usual size at 2.97 USD", () => {
    const plan = aDraftPlan(Array.from({ length: 18 }, (_, at) => aDraftTask(`t${String(at)}`)));
    const price = { model: "x", input: 3_000_000, output: 15_000_000, cacheRead: 0, cacheWrite: 0 };

    expect(estimatePlan(plan, price)).toEqual({
      minutes: 540,
      inputTokens: 270_000,
      outputTokens: 144_000,
      microUsd: 2_970_000,
    });
  });

  test("says no price where none is known, and counts no container", () => {
    expect(estimatePlan({ tasks }, null)).toMatchObject({ minutes: 135, microUsd: null });
  });
});

describe("treeLines", () => {
  test("shows children below their container, with sizes and what they wait for", () => {
    expect(treeLines(tasks).filter((line) => !line.includes("files:"))).toEqual([
      "rules: Give rules its tax rate (L, 60 min)",
      "views: Give views its tax rate (after rules)",
      "  cart: Give cart its tax rate (M, 30 min)",
      "  mail: Give mail its tax rate (S, 15 min)",
      "docs: Give docs its tax rate (S, 10 min, after views)",
      "admin: Give admin its tax rate (M, 20 min)",
    ]);
  });
});
