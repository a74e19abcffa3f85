import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { derivePlan } from "../../../src/cli/demo/derive-plan.ts";
import { workOf } from "../../../src/cli/demo/work.ts";
import { parsePlan, parsePlanYaml } from "../../../src/core/plans/index.ts";

describe("workOf", () => {
  test("finds what the specs of the bundled plan say, for every task", () => {
    const file = new URL("../../../examples/plans/inkwell.yml", import.meta.url);
    const plan = parsePlan({ text: readFileSync(file, "utf8"), fileName: "inkwell.yml" });

    const work = workOf(plan, []);

    expect(work).toHaveLength(25);
    expect(work.every(({ edits }) => edits.length > 0)).toBe(true);
    expect(work.flatMap(({ edits }) => edits).every(({ text }) => text.endsWith("\n"))).toBe(true);
  });

  test("writes a remark into files of the scope when the spec says nothing", () => {
    const plan = parsePlanYaml(
      'plan: p\ntasks:\n  - { id: T1, title: Tidy up, files: ["src/**", docs/new.md] }\n',
    );

    const [task] = workOf(plan, ["src/a.ts", "src/b.py", "src/c.ts", "other.ts"]);

    expect(task?.edits).toEqual([
      { path: "src/a.ts", text: "// T1: Tidy up\n" },
      { path: "src/b.py", text: "# T1: Tidy up\n" },
      { path: "docs/new.md", text: "- T1: Tidy up\n" },
    ]);
  });

  test("waits for the tasks inside a container, and for what the containers around a task wait for", () => {
    const plan = parsePlanYaml(
      "plan: p\ntasks:\n" +
        "  - { id: A, title: First, depends_on: [Z] }\n" +
        "  - { id: A1, title: Inside, parent: A, files: [a.md] }\n" +
        "  - { id: B, title: Second, depends_on: [A], files: [b.md] }\n" +
        "  - { id: Z, title: Before, files: [z.md] }\n",
    );

    const after = new Map(workOf(plan, []).map((task) => [task.id, task.after]));

    expect(after.get("A1")).toEqual(["Z"]);
    expect(after.get("B")).toEqual(["A1"]);
    expect(after.has("A")).toBe(false);
  });
});

describe("derivePlan", () => {
  test("makes tasks of real files, some of which share one", () => {
    const files = ["README.md", ...Array.from({ length: 9 }, (_, index) => `src/f${index}.ts`)];

    const plan = derivePlan(files);

    expect(plan?.tasks).toHaveLength(9);
    expect(plan?.tasks.filter((task) => task.files.includes("README.md"))).toHaveLength(3);
    expect(plan === null ? [] : workOf(plan, files)[0]?.edits).toEqual([
      { path: "src/f0.ts", text: "// T1: reviewed src/f0.ts\n" },
      { path: "README.md", text: "- T1: reviewed README.md\n" },
    ]);
  });

  test("makes none where there is too little to work on", () => {
    expect(derivePlan(["README.md", "logo.png"])).toBeNull();
  });
});
