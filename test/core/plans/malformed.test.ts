import { describe, expect, test } from "vitest";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { parsePlan } from "../../../src/core/plans/index.ts";
import type { PlanFormat } from "../../../src/core/plans/index.ts";

interface Malformed {
  readonly name: string;
  readonly text: string;
  /** Default YAML. */
  readonly format?: PlanFormat;
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly says: string;
}

const task = "  - id: T1\n    title: One\n";

const cases: readonly Malformed[] = [
  {
    name: "an unknown key of the plan",
    text: `plan: p\ntitel: x\ntasks:\n${task}`,
    code: "SKN-1402",
    line: 2,
    column: 1,
    says: "`title`",
  },
  {
    name: "an unknown key of a task",
    text: `plan: p\ntasks:\n${task}    depend_on: []\n`,
    code: "SKN-1402",
    line: 5,
    column: 5,
    says: "`depends_on`",
  },
  {
    name: "a key that stands twice",
    text: `plan: p\nplan: q\ntasks:\n${task}`,
    code: "SKN-1405",
    line: 2,
    column: 1,
    says: "twice",
  },
  {
    name: "__proto__ as a key",
    text: `plan: p\n__proto__: {a: 1}\ntasks:\n${task}`,
    code: "SKN-1402",
    line: 2,
    column: 1,
    says: "__proto__",
  },
  {
    name: "__proto__ in JSON",
    format: "json",
    text: '{"plan":"p",\n "__proto__":{},"tasks":[{"id":"T1","title":"x"}]}',
    code: "SKN-1402",
    line: 2,
    column: 2,
    says: "__proto__",
  },
  {
    name: "no plan id",
    text: `title: x\ntasks:\n${task}`,
    code: "SKN-1404",
    line: 1,
    column: 1,
    says: "`plan` is missing",
  },
  {
    name: "no tasks",
    text: "plan: p\n",
    code: "SKN-1404",
    line: 1,
    column: 1,
    says: "`tasks` is missing",
  },
  {
    name: "an empty list of tasks",
    text: "plan: p\ntasks: []\n",
    code: "SKN-1404",
    line: 2,
    column: 8,
    says: "`tasks` is missing",
  },
  {
    name: "tasks that are no list",
    text: "plan: p\ntasks: T1\n",
    code: "SKN-1403",
    line: 2,
    column: 8,
    says: "which is not a list",
  },
  {
    name: "a task that is no map",
    text: "plan: p\ntasks:\n  - T1\n",
    code: "SKN-1403",
    line: 3,
    column: 5,
    says: "A task is a map",
  },
  {
    name: "a task without an id",
    text: "plan: p\ntasks:\n  - title: One\n",
    code: "SKN-1404",
    line: 3,
    column: 5,
    says: "tasks[0].id",
  },
  {
    name: "a task without a title",
    text: "plan: p\ntasks:\n  - id: T1\n",
    code: "SKN-1404",
    line: 3,
    column: 5,
    says: "tasks[0].title",
  },
  {
    name: "an id that is a number",
    text: "plan: p\ntasks:\n  - id: 1\n    title: One\n",
    code: "SKN-1403",
    line: 3,
    column: 9,
    says: "`tasks[0].id` is 1, which is not a text",
  },
  {
    name: "an id with a slash",
    text: "plan: a/b\ntasks:\n  - id: T1\n    title: One\n",
    code: "SKN-1403",
    line: 1,
    column: 7,
    says: "an id: letters",
  },
  {
    name: "an id of 65 letters",
    text: `plan: ${"a".repeat(65)}\ntasks:\n${task}`,
    code: "SKN-1408",
    line: 1,
    column: 7,
    says: "at most 64",
  },
  {
    name: "two tasks of one id",
    text: `plan: p\ntasks:\n${task}${task}`,
    code: "SKN-1405",
    line: 5,
    column: 9,
    says: "line 3",
  },
  {
    name: "a dependency that does not exist",
    text: `plan: p\ntasks:\n${task}    depends_on: [T2, T9]\n`,
    code: "SKN-1406",
    line: 5,
    column: 18,
    says: "no task T2",
  },
  {
    name: "a task that depends on itself",
    text: `plan: p\ntasks:\n${task}    depends_on: [T1]\n`,
    code: "SKN-1407",
    line: 5,
    column: 18,
    says: "T1 -> T1",
  },
  {
    name: "a cycle",
    text: "plan: p\ntasks:\n  - {id: T1, title: a, depends_on: [T3]}\n  - {id: T2, title: b, depends_on: [T1]}\n  - {id: T3, title: c, depends_on: [T2]}\n",
    code: "SKN-1407",
    line: 3,
    column: 37,
    says: "T1 -> T3 -> T2 -> T1",
  },
  {
    name: "a parent that does not exist",
    text: `plan: p\ntasks:\n${task}    parent: T7\n`,
    code: "SKN-1406",
    line: 5,
    column: 13,
    says: "no task T7",
  },
  {
    name: "a task that is its own parent",
    text: `plan: p\ntasks:\n${task}    parent: T1\n`,
    code: "SKN-1407",
    line: 5,
    column: 13,
    says: "its own parent",
  },
  {
    name: "parents in a circle",
    text: "plan: p\ntasks:\n  - {id: A, title: a, parent: B}\n  - {id: B, title: b, parent: A}\n",
    code: "SKN-1407",
    line: 3,
    column: 10,
    says: "A -> B -> A",
  },
  {
    name: "a child that depends on its container",
    text: "plan: p\ntasks:\n  - {id: A, title: a}\n  - {id: B, title: b, parent: A, depends_on: [A]}\n",
    code: "SKN-1407",
    line: 4,
    column: 47,
    says: "A -> B -> A",
  },
  {
    name: "an unknown priority",
    text: `plan: p\ntasks:\n${task}    priority: hihg\n`,
    code: "SKN-1403",
    line: 5,
    column: 15,
    says: "`high`",
  },
  {
    name: "no minutes at all",
    text: `plan: p\ntasks:\n${task}    minutes: 0\n`,
    code: "SKN-1403",
    line: 5,
    column: 14,
    says: "from 1 to 10080",
  },
  {
    name: "half a minute",
    text: `plan: p\ntasks:\n${task}    minutes: 0.5\n`,
    code: "SKN-1403",
    line: 5,
    column: 14,
    says: "whole number",
  },
  {
    name: "a budget below nothing",
    text: `plan: p\nbudget_usd: -1\ntasks:\n${task}`,
    code: "SKN-1403",
    line: 2,
    column: 13,
    says: "6 decimals",
  },
  {
    name: "a budget with seven decimals",
    text: `plan: p\nbudget_usd: 0.1234567\ntasks:\n${task}`,
    code: "SKN-1403",
    line: 2,
    column: 13,
    says: "6 decimals",
  },
  {
    name: "an unknown way to verify",
    text: `plan: p\nverify: check\ntasks:\n${task}`,
    code: "SKN-1403",
    line: 2,
    column: 9,
    says: "check:NAME",
  },
  {
    name: "files that are one text",
    text: `plan: p\ntasks:\n${task}    files: src/a.ts\n`,
    code: "SKN-1403",
    line: 5,
    column: 12,
    says: "which is not a list",
  },
  {
    name: "a path that leaves the repository",
    text: `plan: p\ntasks:\n${task}    files: ["src/../../x"]\n`,
    code: "SKN-1403",
    line: 5,
    column: 13,
    says: "without `..`",
  },
  {
    name: "an absolute path",
    text: `plan: p\ntasks:\n${task}    files: ["/etc/passwd"]\n`,
    code: "SKN-1403",
    line: 5,
    column: 13,
    says: "relative",
  },
  {
    name: "a path with a backslash",
    text: `plan: p\ntasks:\n${task}    files: ['src\\a']\n`,
    code: "SKN-1403",
    line: 5,
    column: 13,
    says: "inside the repository",
  },
  {
    name: "a time without a zone",
    text: `plan: p\ntasks:\n${task}    not_before: 2026-01-01T10:00:00\n`,
    code: "SKN-1403",
    line: 5,
    column: 17,
    says: "with its zone",
  },
  {
    name: "a spec of 70 KB",
    text: `plan: p\ntasks:\n${task}    spec: ${"x".repeat(70_000)}\n`,
    code: "SKN-1408",
    line: 5,
    column: 11,
    says: "65536",
  },
  {
    name: "a tab in the indentation",
    text: `plan: p\ntasks:\n\t- id: T1\n`,
    code: "SKN-1401",
    line: 3,
    column: 1,
    says: "A tab stands",
  },
  {
    name: "an open quote",
    text: 'plan: "p\ntasks: []\n',
    code: "SKN-1401",
    line: 3,
    column: 1,
    says: "quote",
  },
  {
    name: "two documents",
    text: `plan: p\ntasks:\n${task}---\nplan: q\n`,
    code: "SKN-1401",
    line: 5,
    column: 1,
    says: "more than one",
  },
  {
    name: "a tag that asks for code",
    text: 'plan: !!js/function "x"\ntasks: []\n',
    code: "SKN-1401",
    line: 1,
    column: 7,
    says: "tag",
  },
  {
    name: "an empty file",
    text: "",
    code: "SKN-1403",
    line: 1,
    column: 1,
    says: "A plan is a map",
  },
  {
    name: "a text that is no plan",
    text: "hello\n",
    code: "SKN-1403",
    line: 1,
    column: 1,
    says: "A plan is a map",
  },
  {
    name: "JSON with a comma too many",
    format: "json",
    text: '{"plan":"p","tasks":[\n{"id":"T1","title":"a",}]}',
    code: "SKN-1401",
    line: 2,
    column: 23,
    says: "comma",
  },
  {
    name: "JSON with a comment",
    format: "json",
    text: '{"plan":"p", // no\n"tasks":[]}',
    code: "SKN-1401",
    line: 1,
    column: 14,
    says: "double quotes",
  },
  {
    name: "YAML in a JSON file",
    format: "json",
    text: "plan: p\n",
    code: "SKN-1401",
    line: 1,
    column: 1,
    says: "JSON value",
  },
  {
    name: "JSON that ends early",
    format: "json",
    text: '{"plan":"p","tasks":[',
    code: "SKN-1401",
    line: 1,
    column: 22,
    says: "JSON value",
  },
  {
    name: "JSON with a broken escape",
    format: "json",
    text: String.raw`{"plan":"\x","tasks":[]}`,
    code: "SKN-1401",
    line: 1,
    column: 9,
    says: "escape",
  },
  {
    name: "Markdown without a checklist",
    format: "markdown",
    text: "# Plan\n\n- one\n",
    code: "SKN-1404",
    line: 1,
    column: 1,
    says: "no checklist item",
  },
  {
    name: "Markdown that depends on an item it lacks",
    format: "markdown",
    text: "---\nplan: p\n---\n- [ ] One depends on #9\n",
    code: "SKN-1406",
    line: 4,
    column: 1,
    says: "no task T9",
  },
  {
    name: "Markdown with an item without words",
    format: "markdown",
    text: "---\nplan: p\n---\n- [ ] One\n- [ ]\n",
    code: "SKN-1403",
    line: 5,
    column: 1,
    says: "title",
  },
  {
    name: "Markdown with unknown front matter",
    format: "markdown",
    text: "---\nplan: p\nauthor: x\n---\n- [ ] One\n",
    code: "SKN-1402",
    line: 3,
    column: 1,
    says: "author",
  },
];

function errorOf(text: string, format: PlanFormat): SkeinError {
  try {
    parsePlan({ text, format });
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
  throw new Error("The plan was taken.");
}

describe("parsePlan() of a malformed plan", () => {
  test.each(cases)("names the place and the fix of $name", (one) => {
    const error = errorOf(one.text, one.format ?? "yaml");

    expect(`${error.message} ${error.fix}`).toContain(one.says);
    expect(error).toMatchObject({
      code: one.code,
      facts: { line: one.line, column: one.column },
    });
    expect(error.fix).not.toBe("");
  });

  test("collects all faults, and shows 20 of them", () => {
    const bad = Array.from({ length: 30 }, (_, at) => `  - {id: T${String(at)}, titel: x}`);
    const error = errorOf(`plan: p\ntasks:\n${bad.join("\n")}\n`, "yaml");

    expect(error.facts["error_count"]).toBe(60);
    expect(error.facts["errors"]).toHaveLength(20);
  });

  test("refuses aliases that multiply", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of "abcdefgh"
      .split("")
      .map((letter, at, all) => [letter, all[at + 1] ?? "i"])) {
      bomb.push(`${String(to)}: &${String(to)} [${`*${String(from)}, `.repeat(10)}]`);
    }

    expect(errorOf(bomb.join("\n"), "yaml").message).toMatch(/alias/iu);
  });

  test.each(["yaml", "json"] as const)("refuses nesting without end in %s", (format) => {
    expect(errorOf("[".repeat(5_000), format).message).toContain("nested");
  });

  test("refuses a text above 5 MB before it reads it", () => {
    expect(errorOf(" ".repeat(5_000_001), "yaml").code).toBe("SKN-1408");
  });

  test("refuses more than 20,000 tasks", () => {
    const tasks = Array.from({ length: 20_001 }, (_, at) => ({ id: `T${String(at)}`, title: "x" }));

    expect(errorOf(JSON.stringify({ plan: "p", tasks }), "json").message).toContain("20000");
  });

  test("refuses a file whose format it cannot tell", () => {
    expect(() => parsePlan({ text: "plan: p", fileName: "plan.txt" })).toThrow(
      expect.objectContaining({ code: "SKN-1409" }),
    );
  });
});
