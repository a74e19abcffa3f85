import { describe, expect, test } from "vitest";
import { byteLength } from "../../../src/core/base/text.ts";
import { specOf, toPlan } from "../../../src/core/planner/to-plan.ts";
import { aDraftPlan, aDraftTask } from "./builders.ts";

describe("toPlan", () => {
  test("takes over all that a plan's file has a key for", () => {
    const task = {
      dependsOn: ["before"],
      priority: "high",
      minutes: 45,
      skills: ["sql"],
      accept: ["The cart shows it."],
      parent: "all",
      budgetMicroUsd: 250_000,
      notBeforeMs: 1_800_000_000_000,
      isDone: true,
    } as const;
    const plan = toPlan(aDraftPlan([aDraftTask("cart", task)]));

    expect(plan).toMatchObject({ id: "tax", title: "Tax", verify: "merge", budgetMicroUsd: null });
    expect(plan.tasks).toEqual([
      {
        id: "cart",
        title: "Give cart its tax rate",
        spec: "Outcome: cart knows its tax rate.",
        files: ["src/cart/"],
        line: null,
        ...task,
      },
    ]);
  });

  test("leases nothing for a task that holds others", () => {
    const plan = toPlan(aDraftPlan([aDraftTask("all"), aDraftTask("cart", { parent: "all" })]));

    expect(plan.tasks.map(({ files }) => files)).toEqual([[], ["src/cart/"]]);
  });
});

describe("specOf", () => {
  test("refers to files by path, lines and change, and names outcome and commands", () => {
    const path = "src/price/rules.ts";
    const spec = specOf(
      aDraftTask("cart", {
        operations: [
          { path, action: "edit", lines: { from: 3, to: 9 }, form: "intent", text: "Add a rate." },
          { path: "src/tax.ts", action: "create", lines: null, form: "intent", text: "" },
          { path, action: "edit", lines: null, form: "diff", text: "-a\n\n+```b" },
        ],
        validate: ["npm test", "echo `date`"],
        details: "As the **issue** says.",
      }),
    );

    expect(spec.split("\n")).toEqual([
      "Outcome: cart knows its tax rate.",
      "",
      "Files:",
      "- edit `src/price/rules.ts:3-9`: Add a rate.",
      "- create `src/tax.ts`",
      "- edit `src/price/rules.ts`:",
      "  ````diff",
      "  -a",
      "",
      "  +```b",
      "  ````",
      "",
      "Validate with (Skein runs none of these):",
      "- `npm test`",
      "- `` echo `date` ``",
      "",
      "As the **issue** says.",
    ]);
  });

  test("says no outcome that the title says already", () => {
    expect(specOf(aDraftTask("cart", { title: "Tax", outcome: "Tax" }))).toBe("");
  });

  test.each(["a", "é", "語", "😀"])(
    "is never longer than a plan takes, whatever its signs: %s",
    (sign) => {
      const spec = specOf(aDraftTask("cart", { details: sign.repeat(70_000) }));

      expect(byteLength(spec)).toBeLessThanOrEqual(65_536);
      expect(spec).toContain(sign.repeat(1_000));
    },
  );
});
