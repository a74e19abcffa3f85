import { describe, expect, test } from "vitest";
import type { Budget } from "../../../src/core/costs/index.ts";
import { createUsedUp } from "../../../src/core/dispatch/used-up.ts";

function aBudget(odd: Partial<Budget> = {}): Budget {
  return {
    scope: "plan:demo",
    limitMicroUsd: 1_000,
    isHard: true,
    reservedMicroUsd: 300,
    spentMicroUsd: 400,
    ...odd,
  };
}

describe("createUsedUp", () => {
  test("knows no refusal before the first", () => {
    const usedUp = createUsedUp();

    expect(usedUp.refusing("demo", 1_000_000)).toBeNull();
    expect(usedUp.all()).toEqual([]);
  });

  test("refuses what is dearer than the room left, and nothing that fits", () => {
    const usedUp = createUsedUp();
    usedUp.add(aBudget());

    expect(usedUp.refusing("demo", 301)?.scope).toBe("plan:demo");
    expect(usedUp.refusing("demo", 300)).toBeNull();
  });

  test("keeps a plan's budget from other plans, and the project's from none", () => {
    const usedUp = createUsedUp();
    usedUp.add(aBudget());

    expect(usedUp.refusing("other", 301)).toBeNull();

    usedUp.add(aBudget({ scope: "project" }));

    expect(usedUp.refusing("other", 301)?.scope).toBe("project");
  });

  test("leaves the budget of one task to that task, and lists each budget once", () => {
    const usedUp = createUsedUp();
    usedUp.add(aBudget({ scope: "task:demo/T1" }));
    usedUp.add(aBudget({ scope: "task:demo/T1" }));

    expect(usedUp.refusing("demo", 301)).toBeNull();
    expect(usedUp.all()).toHaveLength(1);
  });
});
