import { describe, expect, test } from "vitest";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { parsePlan } from "../../../src/core/plans/index.ts";
import type { PlanFormat } from "../../../src/core/plans/index.ts";

function faultOf(text: string, format: PlanFormat): SkeinError {
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

const half = "\u{D800}";
const head = "plan: p\ntasks:\n  - id: T1\n";

describe("parsePlan() of a text that means nothing", () => {
  test.each<readonly [PlanFormat, string, readonly [number, number]]>([
    ["yaml", `${head}    title: "a\\ud800b"\n`, [4, 12]],
    ["yaml", `${head}    title: One\n    accept: ["a${half}"]\n`, [5, 14]],
    ["json", '{"plan":"p","tasks":[{"id":"T1","title":"\\udc00"}]}', [1, 41]],
    ["markdown", `---\nplan: p\n---\n- [ ] One ${half}\n`, [4, 1]],
  ])("refuses half of a character in %s: %j", (format, text, [row, column]) => {
    expect(faultOf(text, format)).toMatchObject({
      code: "SKN-1403",
      message: expect.stringContaining("half of a character"),
      facts: { line: row, column },
    });
  });

  test("takes both halves of one", () => {
    const { tasks } = parsePlan({
      text: '{"plan":"p","tasks":[{"id":"T1","title":"\\ud83e\\uddf6"}]}',
      format: "json",
    });

    expect(tasks[0]?.title).toBe("\u{1F9F6}");
  });

  test("names an alias that has no anchor, and not what is missing for want of it", () => {
    expect(
      faultOf("title: x\nplan: *gone\ntasks:\n  - {id: T1, title: x}\n", "yaml"),
    ).toMatchObject({
      code: "SKN-1401",
      message: "Line 2, column 7: The alias `*gone` names no anchor above it.",
    });
  });

  test.each<readonly [PlanFormat, string, string]>([
    ["yaml", `${head}    title: One\n    minutes: .inf\n`, "is Infinity"],
    ["yaml", `budget_usd: .nan\n${head}    title: One\n`, "is NaN"],
    ["json", '{"plan":"p","tasks":[{"id":"T1","title":"x","minutes":1e999}]}', "is Infinity"],
  ])("calls a number that is none by its name in %s: %j", (format, text, word) => {
    expect(faultOf(text, format).message).toContain(word);
  });

  test("finds front matter that is not closed", () => {
    expect(faultOf("---\nplan: p\n\n- [ ] One\n", "markdown")).toMatchObject({
      code: "SKN-1401",
      message: "Line 1, column 1: The front matter that begins here has no end.",
    });
  });

  test("takes a rule at the top of a text for a rule", () => {
    const text = "---\nplan: p\n---\n- [ ] One\n";

    expect(parsePlan({ text, format: "markdown" }).id).toBe("p");
    expect(
      parsePlan({ text: "---\nSome words\n- [ ] One\n", format: "markdown", fileName: "a.md" })
        .tasks,
    ).toHaveLength(1);
  });
});

describe("parsePlan() of a text with a fault", () => {
  test("says what a value is, and what it is not", () => {
    expect(faultOf(`${head}    title: {a: 1}\n`, "yaml").message).toContain(
      "`tasks[0].title` is a map, which is not a text.",
    );
    expect(faultOf("plan: p\ntasks: 7\n", "yaml").message).toContain(
      "`tasks` is 7, which is not a list.",
    );
  });

  test.each([
    ["depends_on: [B]", "depends_on: [A]", "Remove one of these dependencies."],
    ["parent: B", "parent: A", "Remove one `depends_on` or `parent` among them"],
    ["parent: B", "depends_on: [A]", "Remove one `depends_on` or `parent` among them"],
  ])("names the keys that close a circle: %s, %s", (one, other, fix) => {
    const text = `plan: p\ntasks:\n  - {id: A, title: a, ${one}}\n  - {id: B, title: b, ${other}}\n`;

    expect(faultOf(text, "yaml")).toMatchObject({
      code: "SKN-1407",
      fix: expect.stringContaining(fix),
    });
  });

  test.each([
    "- [] Two",
    "- [~] Two",
    "* [-] Two",
    "1. [\u{3000}] Two",
    "  - [x]Two",
    "- [  ] Two",
  ])("refuses a line that was meant for a task and would be none: %s", (line) => {
    expect(faultOf(`---\nplan: p\n---\n- [ ] One\n${line}\n`, "markdown")).toMatchObject({
      code: "SKN-1403",
      facts: { line: 5 },
      message: expect.stringContaining("This looks like a task"),
      fix: expect.stringContaining("`- [ ] Title`"),
    });
  });

  test("names such lines where there is no task at all, but in prose", () => {
    const text = "---\nplan: p\n---\n- [] One\n";
    const prose = () => parsePlan({ text, format: "markdown", isProse: true });

    expect(faultOf(text, "markdown").facts["errors"]).toMatchObject([
      { code: "SKN-1404", message: "The Markdown has no checklist item." },
      { code: "SKN-1403", line: 4 },
    ]);
    expect(prose).toThrow(
      expect.objectContaining({
        code: "SKN-1404",
        facts: expect.objectContaining({ error_count: 1 }),
      }),
    );
  });

  test("takes links, notes and code in a list for what they are", () => {
    const body = [
      "- [](x.md)",
      "- [x](y.md)",
      "- [1] a note",
      "- `[]` for none",
      "- [docs]: z",
      "- [a]",
    ];
    const spec = ["  spec:", "    - [] as it is", "  ```", "  - [~] code", "  ```"];
    const text = ["---", "plan: p", "---", "- [ ] One", ...body.map((row) => `  ${row}`), ...spec];

    expect(parsePlan({ text: text.join("\n"), format: "markdown" }).tasks).toHaveLength(1);
  });

  test("says how a text of each format names its plan", () => {
    expect(faultOf("tasks: [{id: A, title: a}]\n", "yaml").fix).toContain(
      "Add a line `plan: my-plan`",
    );
    expect(faultOf('{"tasks":[{"id":"A","title":"a"}]}', "json").fix).toContain(
      '`"plan": "my-plan"`',
    );
    expect(faultOf("- [ ] One\n", "markdown").fix).toContain(
      "lines `---`, `plan: my-plan` and `---`",
    );
  });
});

describe("parsePlan() of a name that no task has", () => {
  test.each([
    ["depends_on: [T9]", 18],
    ["parent: T9", 13],
  ])("does not propose that a task wait for itself (%s)", (line, column) => {
    const { message, fix } = faultOf(`${head}    title: x\n    ${line}\n`, "yaml");

    expect([message, fix]).toEqual([
      `Line 5, column ${String(column)}: The plan has no task T9.`,
      "Add the task, or remove the name.",
    ]);
  });
});
