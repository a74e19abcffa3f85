import { describe, expect, test } from "vitest";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { parsePlan, parsePlanMarkdown } from "../../../src/core/plans/index.ts";
import type { TaskDraft } from "../../../src/core/plans/index.ts";

function tasksOf(text: string): readonly TaskDraft[] {
  return parsePlanMarkdown(text, "docs/My plan.md").tasks;
}

function only(text: string): TaskDraft | undefined {
  return tasksOf(text)[0];
}

function titleOrCode(text: string): string | undefined {
  try {
    return only(text)?.title;
  } catch (error) {
    return error instanceof SkeinError ? error.code : "no error of ours";
  }
}

function faultOf(text: string): unknown {
  try {
    return parsePlanMarkdown(text, "x.md");
  } catch (error) {
    return error;
  }
}

describe("parsePlanMarkdown()", () => {
  test.each([
    ["blanks", "One after x", `- [ ] One after${" ".repeat(400_000)}x\n`],
    ["dashes", "SKN-1408", `- [ ] x ${" -".repeat(400_000)} y\n`],
    ["braces", "SKN-1408", `- [ ] x\n  files: ${"{".repeat(400_000)}\n`],
    ["blanks in a heading", "SKN-1408", `# x${" ".repeat(400_000)}y\n\n- [ ] x\n`],
    ["hashes", "SKN-1408", `# x${"#".repeat(400_000)}y\n\n- [ ] x\n`],
  ])("does not choke on a line of 400,000 %s", (_, expected, text) => {
    expect(titleOrCode(text)).toBe(expected);
  });

  test("takes the plan's id from the file name and its title from the heading", () => {
    const plan = parsePlanMarkdown("# Rework the checkout #\n\n- [ ] One\n", "docs/My plan.md");

    expect(plan).toMatchObject({ id: "my-plan", title: "Rework the checkout", verify: "merge" });
  });

  test.each([
    ["\u{DC}berblick f\u{FC}r Zo\u{EB}.md", "uberblick-fur-zoe"],
    ["\u{8A08}\u{753B} 2.md", "2"],
    ["Stra\u{DF}e.md", "strasse"],
  ])("leaves no hole for a letter with an accent in the name of %s", (file, id) => {
    expect(parsePlanMarkdown("# P\n\n- [ ] One\n", file).id).toBe(id);
  });

  test("prefers the front matter", () => {
    const text =
      "---\nplan: shop\ntitle: Shop\nverify: none\nbudget_usd: 2.5\n---\n# Other\n- [ ] One\n";

    expect(parsePlanMarkdown(text, "x.md")).toMatchObject({
      id: "shop",
      title: "Shop",
      verify: "none",
      budgetMicroUsd: 2_500_000,
    });
  });

  test("numbers items by their place and keeps the ids that are written", () => {
    const text =
      "- [ ] One\n* [ ] T9: Two\n+ [x] Three\n1. [ ] #7 Four\n2) [X] **API-3**: Five\n- [ ] `no-digit`: Six\n";

    expect(tasksOf(text).map(({ id, title, isDone }) => [id, title, isDone])).toEqual([
      ["T1", "One", false],
      ["T9", "Two", false],
      ["T3", "Three", true],
      ["T7", "Four", false],
      ["API-3", "Five", true],
      ["no-digit", "Six", false],
    ]);
  });

  test("gives an unnamed item another number when its own is taken", () => {
    expect(tasksOf("- [ ] One\n- [ ] T1: Two\n").map(({ id }) => id)).toEqual(["T3", "T1"]);
  });

  test("makes containers of items with items inside", () => {
    const text = "- [ ] Outer\n  - [ ] Inner\n\t- [ ] Deep\n  - [ ] Second\n- [ ] Last\n";

    expect(tasksOf(text).map(({ id, parent }) => [id, parent])).toEqual([
      ["T1", null],
      ["T2", "T1"],
      ["T3", "T2"],
      ["T4", "T1"],
      ["T5", null],
    ]);
  });

  test.each([
    ["One depends on #3", ["T3"]],
    ["One (depends on #2, #3)", ["T2", "T3"]],
    ["One — after: T3, T2", ["T3", "T2"]],
    ["One, after T2 and T3", ["T2", "T3"]],
    ["One depends_on: `T2`", ["T2"]],
    ["One depends: T2", ["T2"]],
    ["One\n  depends on T2", ["T2"]],
    ["One\n  - After T2 and #3.", ["T2", "T3"]],
    ["One\n  after T2 has landed", []],
    ["One blocked by #2 & #3", ["T2", "T3"]],
    ["One after the release", []],
    ["One depends on the weather", []],
  ])("reads the dependencies of %j", (line, dependsOn) => {
    expect(only(`- [ ] ${line}\n- [ ] Two\n- [ ] Three\n`)?.dependsOn).toEqual(dependsOn);
  });

  test("lets #n name the item that is written so, before the one at that place", () => {
    const [first] = tasksOf("- [ ] One depends on #2\n- [ ] #5 Two\n- [ ] #2 Three\n");

    expect(first?.dependsOn).toEqual(["T2"]);
    expect(tasksOf("- [ ] #2 Three\n- [ ] #5 Two\n").map(({ id }) => id)).toEqual(["T2", "T5"]);
  });

  test.each([
    ["One files: src/**", ["src/**"]],
    ["One (files: src/**, test/x.ts)", ["src/**", "test/x.ts"]],
    ["One files: `src/a b.ts`, `app/(x)/y.ts`", ["src/a b.ts", "app/(x)/y.ts"]],
    ["One scope: src/{a,b}.ts, app/[id]/page.tsx", ["src/{a,b}.ts", "app/[id]/page.tsx"]],
    ["One files: Makefile", ["Makefile"]],
    ["One files: Makefile, Dockerfile !high ~20m", ["Makefile", "Dockerfile"]],
    ["One (file: LICENSE)", ["LICENSE"]],
    [
      "One files: src/a.ts, Makefile test/b.ts, depends on #2",
      ["src/a.ts", "Makefile", "test/b.ts"],
    ],
    ["One files: Makefile, skills: make", ["Makefile"]],
    ["Explain the files: all of them", []],
    ["Explain the files: all, and why", []],
  ])("reads the scope of %j", (line, files) => {
    expect(only(`- [ ] ${line}\n- [ ] Two\n`)?.files).toEqual(files);
  });

  test.each([
    ["One !critical", "critical", 30],
    ["One (high)", "high", 30],
    ["One [low, S]", "low", 15],
    ["One priority: high, size: L", "high", 60],
    ["One P0", "critical", 30],
    ["One (P1, ~20m)", "high", 20],
    ["One ~1.5h", "medium", 90],
    ["One [XL]", "medium", 120],
    ["One", "medium", 30],
  ])("reads the marks of %j and leaves the title alone", (line, priority, minutes) => {
    expect(only(`- [ ] ${line}\n`)).toMatchObject({ title: "One", priority, minutes });
  });

  test.each([
    "Support the P2 protocol",
    "Fix the login page (#12)",
    "Rename app/[id]/page.tsx",
    "Say (some) words",
  ])("takes nothing out of the title %j", (title) => {
    expect(only(`- [ ] ${title}\n`)).toMatchObject({ title, priority: "medium", minutes: 30 });
  });

  test("reads fields and the spec from the lines below", () => {
    const text = [
      "- [ ] One",
      "  - files: `src/**`",
      "  **depends on**: #2",
      "  skills: go, c++",
      "  accept: the tests pass, all of them",
      "  accept: no warnings",
      "  budget: $1.25",
      "  not before: 2026-01-01T00:00:00Z",
      "",
      "  First paragraph.",
      "",
      "    code",
      "- [ ] Two",
    ].join("\n");

    expect(only(text)).toMatchObject({
      files: ["src/**"],
      dependsOn: ["T2"],
      skills: ["go", "c++"],
      accept: ["the tests pass, all of them", "no warnings"],
      budgetMicroUsd: 1_250_000,
      notBeforeMs: Date.UTC(2026, 0, 1),
      spec: "First paragraph.\n\n  code",
    });
  });

  test("finds no items in code fences and comments", () => {
    const text =
      "- [ ] One\n  ```\n  - [ ] no\n  ```\n\n~~~\n- [ ] no\n~~~\n<!--\n- [ ] no\n-->\n- [ ] Two\n";

    expect(tasksOf(text).map(({ title }) => title)).toEqual(["One", "Two"]);
    expect(only(text)?.spec).toBe("```\n- [ ] no\n```");
  });

  test.each([
    "(",
    "[",
    "`",
    "files: ",
    "files:a.b,",
    "files: a, ",
    "depends on #1, ",
    "{",
    "~",
    "**",
    "a/",
    "skills: a, ",
  ])("comes to an end on a line full of %j", (part) => {
    const text = `- [ ] x ${part.repeat(20_000 / part.length)}\n- [ ] y\n`;

    expect(() => parsePlanMarkdown(text, "x.md")).toThrow(/at most|is missing|depends on itself/u);
  });

  test.each([
    ["- [ ] One\n- [ ] Two, after:\n", "Line 2, column 1", "after"],
    ["- [ ] One\n- [ ] Two (depends on: the-first)\n", "Line 2, column 1", "depends on"],
    ["- [ ] One\n- [ ] Two\n      after:\n", "Line 3, column 7", "after"],
    ["- [ ] One\n- [ ] Two\n  **Blocked by:**\n", "Line 3, column 3", "blocked by"],
    ["- [ ] One\n- [ ] Two\n  depends on: ,\n", "Line 3, column 3", "depends on"],
  ])("refuses a mark that names no task, with its place: %j", (text, place, word) => {
    expect(faultOf(text)).toMatchObject({
      code: "SKN-1403",
      message: `${place}: No task is named after \`${word}:\`.`,
      fix: expect.stringContaining(`\`${word}: T1, #2\``),
    });
  });

  test("tells marks that name no task together with what else is wrong", () => {
    const fault = faultOf("- [ ] One, after:\n- [ ] Two, after: T9\n");

    expect(fault).toMatchObject({
      code: "SKN-1403",
      facts: { error_count: 2, errors: [{ code: "SKN-1403" }, { code: "SKN-1406" }] },
    });
  });

  test.each([
    "- [ ] Read `after:` without a name\n",
    "- [ ] One\n- [ ] Two after the release\n",
    '- [ ] …\n  title: "What comes after: nothing"\n',
  ])("takes %j as it is", (text) => {
    expect(tasksOf(text).at(-1)?.dependsOn).toEqual([]);
  });

  test("takes them as words in a text that was not written as a plan", () => {
    const text = "- [ ] One\n- [ ] Two, after: the first\n";

    expect(parsePlan({ text, fileName: "x.md", isProse: true }).tasks[1]).toMatchObject({
      title: "Two, after: the first",
      dependsOn: [],
    });
  });
});
