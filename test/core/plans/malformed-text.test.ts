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
