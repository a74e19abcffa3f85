import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parsePlanJson,
  parsePlanMarkdown,
  parsePlanYaml,
  planToJson,
  planToMarkdown,
  planToYaml,
} from "../../../src/core/plans/index.ts";
import type { PlanDraft, Priority, TaskDraft } from "../../../src/core/plans/index.ts";
import { aPlan, aTask } from "./builders.ts";

const oneLine = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .map((text) => text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim())
  .filter((text) => text !== "");
const nasty = fc.constantFrom(
  "Fix it !high (#12) depends on #1 files: a/b",
  "T2: x",
  "- [ ] x",
  "# y",
  "`a`: b",
  "true",
  "12",
  "null",
  "~",
  "a: b # c",
  '"q"',
  "P1",
);
const words = fc.oneof(oneLine, nasty);
const spec = fc
  .array(
    fc.oneof(words, fc.constantFrom("", "  indented", "```", "- [ ] T7: no", "files: x", "spec:")),
    {
      maxLength: 6,
    },
  )
  .map((lines) =>
    lines
      .join("\n")
      .replace(/^(?:[ \t]*\n)+/u, "")
      .trimEnd(),
  );
const file = fc.constantFrom(
  "src/**",
  "a b/c.ts",
  "app/[id]/(x)/p.tsx",
  "src/{a,b}.ts",
  "dir/",
  "é.ts",
);

const task = fc.record({
  title: words,
  spec,
  files: fc.uniqueArray(file, { maxLength: 3 }),
  priority: fc.constantFrom<Priority>("critical", "high", "medium", "low"),
  minutes: fc.integer({ min: 1, max: 10_080 }),
  skills: fc.uniqueArray(fc.constantFrom("go", "c++", "machine learning"), { maxLength: 2 }),
  accept: fc.array(words, { maxLength: 2 }),
  budgetMicroUsd: fc.option(fc.integer({ min: 0, max: 9_999_999 })),
  notBeforeMs: fc.option(fc.integer({ min: 0, max: 2e12 })),
  isDone: fc.boolean(),
  /** Taken modulo the tasks before it; 0 for none. */
  above: fc.nat(4),
  before: fc.nat(4),
});

/** Tasks whose parents and dependencies stand before them, so that there is no cycle. */
const plan = fc
  .record({ tasks: fc.array(task, { minLength: 1, maxLength: 8 }), title: words })
  .map(({ tasks, title }): PlanDraft => {
    const drafts: TaskDraft[] = [];
    for (const [at, { above, before, ...rest }] of tasks.entries()) {
      const parent = above > 0 && at > 0 ? (drafts[(above - 1) % at]?.id ?? null) : null;
      drafts.push(aTask({ ...rest, id: `id.${String(at)}_x`, parent, dependsOn: [] }));
      const roots = drafts.filter(
        (one) => one.parent === null && drafts.every(({ parent: up }) => up !== one.id),
      );
      const target = roots[before % Math.max(roots.length, 1)];
      const last = drafts.at(-1);
      if (before > 1 && target !== undefined && last !== undefined && target.id !== last.id) {
        drafts[drafts.length - 1] = { ...last, dependsOn: [target.id] };
      }
    }
    return aPlan(drafts, { title });
  });

function withoutLines(draft: PlanDraft): PlanDraft {
  return { ...draft, tasks: draft.tasks.map((one) => ({ ...one, line: null })) };
}

function withoutTicks(draft: PlanDraft): PlanDraft {
  return { ...draft, tasks: draft.tasks.map((one) => ({ ...one, isDone: false })) };
}

/** Children may close a circle with what their container's neighbours wait for: such plans are no plans. */
function isPlan(draft: PlanDraft): boolean {
  try {
    parsePlanJson(planToJson(draft));
    return true;
  } catch {
    return false;
  }
}

describe("a plan written and read again", () => {
  test("is the same in YAML and JSON but for ticks", () => {
    fc.assert(
      fc.property(plan, (draft) => {
        fc.pre(isPlan(draft));
        expect(withoutLines(parsePlanYaml(planToYaml(draft)))).toEqual(withoutTicks(draft));
        expect(withoutLines(parsePlanJson(planToJson(draft)))).toEqual(withoutTicks(draft));
      }),
      { numRuns: 200 },
    );
  });

  test("is the same in Markdown", () => {
    fc.assert(
      fc.property(plan, (draft) => {
        fc.pre(isPlan(draft));
        expect(withoutLines(parsePlanMarkdown(planToMarkdown(draft)))).toEqual(draft);
      }),
      { numRuns: 300 },
    );
  });

  test("names a parent that does not stand around its child", () => {
    const draft = aPlan([
      aTask({ id: "A" }),
      aTask({ id: "B" }),
      aTask({ id: "C", parent: "A" }),
      aTask({ id: "D", parent: "C" }),
    ]);

    expect(planToMarkdown(draft)).toContain("- [ ] `C`: Task C\n  parent: A\n  - [ ] `D`");
    expect(withoutLines(parsePlanMarkdown(planToMarkdown(draft)))).toEqual(draft);
  });
});
