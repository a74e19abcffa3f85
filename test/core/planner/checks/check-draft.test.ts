import { describe, expect, test } from "vitest";
import { checkDraft } from "../../../../src/core/planner/checks/check-draft.ts";
import { isFiller } from "../../../../src/core/planner/checks/check-words.ts";
import type { DraftPlan } from "../../../../src/core/planner/draft.ts";
import { aDraftPlan, aDraftTask, aTree, overlaps } from "../builders.ts";
import { aWildGlob, createWeighedSearch } from "../../../support/weighed-search.ts";

function faults(plan: DraftPlan): readonly string[] {
  return checkDraft(plan, { tree: aTree(), overlaps }).map(
    ({ rule, message }) => `${rule}: ${message}`,
  );
}

const fine = aDraftTask("cart", { scope: ["src/cart.ts"], fresh: [] });

describe("checkDraft", () => {
  test("finds nothing in tasks that claim what is theirs", () => {
    const rules = aDraftTask("rules", { scope: ["src/price/**"], fresh: [] });

    expect(faults(aDraftPlan([fine, rules]))).toEqual([]);
  });

  test("does no more for wild globs than for as many usual ones as they count, and says that it stopped", () => {
    const { search, signs } = createWeighedSearch();
    const tasks = Array.from({ length: 640 }, (_, at) =>
      aDraftTask(`t${String(at)}`, { scope: [aWildGlob(at)], fresh: [] }),
    );

    const found = checkDraft(aDraftPlan(tasks), { tree: aTree(), overlaps: search });

    expect(found.map(({ rule, tasks: named }) => [rule, named])).toContainEqual(["size", []]);
    // 300,000 pairs of at most 16 signs each.
    expect(signs()).toBeLessThanOrEqual(300_000 * 16 * 16);
  });

  test("names the circle", () => {
    const tasks = [
      aDraftTask("a", { dependsOn: ["b"] }),
      aDraftTask("b", { dependsOn: ["c"] }),
      aDraftTask("c", { dependsOn: ["a"] }),
    ];

    expect(faults(aDraftPlan(tasks))).toEqual([
      expect.stringMatching(/^cycle: .*a -> b -> c -> a/u),
    ]);
  });

  test("names what does not exist, and the nearest that does", () => {
    const tasks = [aDraftTask("rules"), aDraftTask("page", { dependsOn: ["rule"] })];

    expect(faults(aDraftPlan(tasks))).toEqual([
      "reference: page names rule, but there is no such task. The nearest is rules.",
    ]);
  });

  test("refuses a key that is there twice", () => {
    expect(faults(aDraftPlan([fine, fine])).join(" ")).toContain("Two tasks have the key cart");
  });

  test("refuses scopes that share a path and may run at the same time, exactly", () => {
    const tasks = [
      aDraftTask("rules", { scope: ["src/*/rules.ts"], fresh: [] }),
      aDraftTask("prices", { scope: ["src/price/*.ts"], fresh: [] }),
    ];

    expect(faults(aDraftPlan(tasks))).toEqual([expect.stringContaining("share paths")]);
  });

  test("lets scopes share a path when one task waits for the other", () => {
    const tasks = [
      aDraftTask("rules", { scope: ["src/price/**"], fresh: [] }),
      aDraftTask("prices", { scope: ["src/price/*.ts"], fresh: [], dependsOn: ["rules"] }),
    ];

    expect(faults(aDraftPlan(tasks))).toEqual([]);
  });

  test("refuses a scope that matches nothing, unless it is declared new", () => {
    const lost = aDraftTask("vat", { scope: ["src/vat/**"], fresh: [] });

    expect(faults(aDraftPlan([lost]))).toEqual([expect.stringContaining("matches nothing")]);
    expect(faults(aDraftPlan([{ ...lost, fresh: ["src/vat/**"] }]))).toEqual([]);
  });

  test.each([
    ["/etc/passwd"],
    ["../other/secret"],
    [".git/hooks/pre-commit"],
    ["src/../../x"],
    ["**"],
    ["."],
  ])("refuses the scope %s", (path) => {
    const task = aDraftTask("evil", { scope: [path], fresh: [path] });

    expect(faults(aDraftPlan([fine, task]))).not.toEqual([]);
  });

  test("refuses operations outside the scope, on what is not there, or creating what is", () => {
    const operation = { lines: null, form: "intent", text: "change it" } as const;
    const task = aDraftTask("cart", {
      scope: ["src/cart.ts"],
      fresh: [],
      operations: [
        { ...operation, path: "src/mail/send.ts", action: "edit" },
        { ...operation, path: "src/cart.ts", action: "create" },
        { ...operation, path: "src/cart.ts", action: "edit", lines: { from: 9, to: 3 } },
      ],
    });

    expect(faults(aDraftPlan([task]))).toEqual([
      expect.stringContaining("its scope does not hold"),
      expect.stringContaining("is in the tree already"),
      expect.stringContaining("lines 9 to 3"),
    ]);
  });

  test("holds at most 8 tasks at a level", () => {
    const tasks = Array.from({ length: 9 }, (_, at) => aDraftTask(`part-${String(at)}`));

    expect(faults(aDraftPlan(tasks))).toEqual([expect.stringMatching(/^breadth: .*has 9 tasks/u)]);
    expect(faults(aDraftPlan(tasks.slice(1)))).toEqual([]);
  });

  test("refuses twins, tasks of more than 240 minutes, and tasks without a scope", () => {
    const tasks = [
      aDraftTask("a", { title: "Show gross prices in the cart" }),
      aDraftTask("b", { title: "Show the gross prices in the cart", minutes: 241 }),
      aDraftTask("c", { scope: [] }),
    ];

    expect(faults(aDraftPlan(tasks)).map((text) => text.split(":")[0])).toEqual([
      "size",
      "duplicate",
      "scope",
    ]);
  });

  test("takes one piece as it is, and refuses several that are called one", () => {
    const whole = aDraftTask("all", { scope: [], minutes: 600 });

    expect(faults(aDraftPlan([whole], { isSplit: false }))).toEqual([]);
    expect(faults(aDraftPlan([fine, whole], { isSplit: false }))).toEqual([
      expect.stringMatching(/^shape/u),
    ]);
  });
});

describe("isFiller", () => {
  test.each([
    "Improve code quality",
    "Add tests",
    "Refactor the code",
    "Fix bugs and clean up",
    "Final polish",
    "",
  ])("finds that %j names nothing", (title) => {
    expect(isFiller(title)).toBe(true);
  });

  test.each([
    "Test the tax rules",
    "Write the README",
    "Verbessere die Suche",
    "Add retries to mail",
  ])("lets %j pass", (title) => {
    expect(isFiller(title)).toBe(false);
  });
});
