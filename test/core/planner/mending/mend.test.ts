import { describe, expect, test } from "vitest";
import { checkDraft } from "../../../../src/core/planner/checks/check-draft.ts";
import { mend } from "../../../../src/core/planner/mending/settle.ts";
import { aDraftPlan, aDraftTask, aTree, overlaps } from "../builders.ts";

describe("mend", () => {
  test("lets the later of two that overlap wait for the earlier", () => {
    const tasks = [
      aDraftTask("a", { scope: ["src/price/**"], fresh: [] }),
      aDraftTask("b", { scope: ["src/price/rules.ts"], fresh: [] }),
    ];
    const { plan, notes } = mend(aDraftPlan(tasks), overlaps);

    expect(plan.tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], ["a"]]);
    expect(notes).toEqual(["b waits for a now: both work on src/price/** and src/price/rules.ts."]);
  });

  test("makes one chain of many tasks on one file, and not every pair", () => {
    const tasks = Array.from({ length: 40 }, (_, at) =>
      aDraftTask(`t${String(at)}`, {
        parent: `p${String(at % 6)}`,
        scope: ["src/*.ts"],
        fresh: [],
      }),
    );
    const parents = Array.from({ length: 6 }, (_, at) => aDraftTask(`p${String(at)}`));
    const { plan, notes } = mend(aDraftPlan([...parents, ...tasks]), overlaps);

    expect(notes).toHaveLength(39);
    expect(checkDraft(plan, { tree: aTree(), overlaps })).toEqual([]);
  });

  test("says when there is too much to compare, and does not call that safe", () => {
    const wide = Array.from({ length: 400 }, (_, at) => `src/${String(at)}.ts`);
    const tasks = ["a", "b", "c", "d"].map((id) =>
      aDraftTask(id, {
        scope: wide.map((path) => `${id}/${path}`),
        fresh: wide.map((path) => `${id}/${path}`),
      }),
    );
    const { plan, notes } = mend(aDraftPlan(tasks), overlaps);

    expect(notes).toEqual([expect.stringContaining("too many paths to compare")]);
    expect(checkDraft(plan, { tree: aTree(), overlaps })).toMatchObject([{ rule: "size" }]);
  });

  test("closes no circle: the one that others wait for already goes first", () => {
    const tasks = [
      aDraftTask("late", { scope: ["src/cart.ts"], fresh: [], dependsOn: ["middle"] }),
      aDraftTask("middle", { dependsOn: ["early"] }),
      aDraftTask("early"),
      aDraftTask("other", { scope: ["src/*.ts"], fresh: [] }),
    ];
    const { plan } = mend(aDraftPlan(tasks), overlaps);

    expect(checkDraft(plan, { tree: aTree(), overlaps })).toEqual([]);
  });

  test("orders tasks in different containers whose containers wait for each other", () => {
    const tasks = [
      aDraftTask("one", { dependsOn: ["two"], scope: [], fresh: [] }),
      aDraftTask("one-a", { parent: "one", scope: ["src/cart.ts"], fresh: [] }),
      aDraftTask("two", { scope: [], fresh: [] }),
      aDraftTask("two-a", { parent: "two", scope: ["src/cart.ts"], fresh: [] }),
      aDraftTask("two-b", { parent: "two", scope: ["src/cart.ts"], fresh: [] }),
    ];
    const { plan } = mend(aDraftPlan(tasks), overlaps);

    expect(checkDraft(plan, { tree: aTree(), overlaps })).toEqual([]);
    expect(plan.tasks.find(({ id }) => id === "two-b")?.dependsOn).toEqual(["two-a"]);
  });

  test.each([9, 20, 70])("groups %i tasks at the top until no level has more than 8", (count) => {
    const tasks = Array.from({ length: count }, (_, at) => aDraftTask(`part-${String(at)}`));
    const { plan } = mend(aDraftPlan(tasks), overlaps);
    const sizes = [null, ...plan.tasks.map(({ id }) => id)].map(
      (parent) => plan.tasks.filter((task) => task.parent === parent).length,
    );

    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
    expect(plan.tasks.filter(({ id }) => id.startsWith("part-")).map(({ id }) => id)).toEqual(
      tasks.map(({ id }) => id),
    );
    expect(checkDraft(plan, { tree: aTree(), overlaps })).toEqual([]);
  });
});
