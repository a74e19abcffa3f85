import { describe, expect, test } from "vitest";
import { readTasks } from "../../../../src/core/planner/reading/read-tasks.ts";
import type { DraftPlan } from "../../../../src/core/planner/draft.ts";
import { anIssue } from "../builders.ts";

function read(text: string): DraftPlan | null {
  return readTasks({ kind: "spec", file: "x.md", text }, "x");
}

describe("readTasks", () => {
  test("reads an issue's checklist, and neither how to reproduce it nor what was ticked before writing", () => {
    const plan = readTasks(anIssue("checkout-tax"), "checkout-tax");

    expect(plan?.title).toBe("Carts show net prices to private customers");
    expect(plan?.tasks).toMatchObject([
      {
        id: "T1",
        title: "Give the price rules a tax rate by country",
        priority: "high",
        minutes: 40,
        scope: ["src/price/**"],
        accept: ["A rate that is not known is an error, never zero."],
      },
      { id: "T2", dependsOn: ["T1"], scope: ["src/cart/view.ts"] },
      { id: "T3", dependsOn: ["T1"], scope: ["src/mail/**"] },
      { id: "T4", minutes: 15, scope: ["src/admin/tax.ts"] },
    ]);
    expect(plan?.tasks).toHaveLength(4);
  });

  test("tells each task when the whole is done", () => {
    const plan = readTasks(anIssue("checkout-tax"), "checkout-tax");

    expect(plan?.tasks[3]?.details).toContain("- A cart of 10.00 EUR shows 11.90 EUR");
  });

  test("reads the numbered list under Plan, and no list elsewhere, in a fence or under alternatives", () => {
    const plan = readTasks(anIssue("export-csv"), "export-csv");

    expect(plan?.tasks.map(({ title, scope }) => [title, scope])).toEqual([
      ["Stream orders from `src/orders/query.ts` in pages of 500", []],
      ["Write the CSV as it comes", ["src/export/**"]],
      ["Offer the file under a link that ends after a day", ["src/export/link.ts"]],
    ]);
    expect(plan?.tasks[1]?.details).toBe("Numbers keep their full precision.");
  });

  test("makes a container of each heading that has tasks below it", () => {
    const plan = read(
      "# Tax\n\n## Rules\n- [ ] Rates by country\n- [ ] Rounding by country, after: T1\n\n## Cart\n- [ ] Gross prices\n",
    );

    expect(plan?.tasks.map(({ id, parent, title }) => [id, parent, title])).toEqual([
      ["rules", null, "Rules"],
      ["T1", "rules", "Rates by country"],
      ["T2", "rules", "Rounding by country"],
      ["cart", null, "Cart"],
      ["T3", "cart", "Gross prices"],
    ]);
  });

  test("reads a bare numbered list", () => {
    expect(read("1. Rates by country\n2. Gross prices in the cart")?.tasks).toHaveLength(2);
  });

  test.each([
    ["prose", "Please show gross prices.\n"],
    ["a single item", "- [ ] Show gross prices\n"],
    ["bullets that nobody calls tasks", "# Tax\n\n- it is wrong\n- it is late\n"],
    ["a comment", "<!--\n- [ ] one\n- [ ] two\n-->\n"],
  ])("leaves %s to a model", (...[, text]) => {
    expect(read(text)).toBeNull();
  });

  test("takes the marks that close a heading for no part of it", () => {
    expect(read("## Tasks ##\n- one thing\n- another thing\n")?.title).toBe("Tasks");
  });

  test.each([
    ["blanks in a heading", `# a${" ".repeat(190_000)}x`],
    ["a heading of marks", `# ${"#".repeat(190_000)}x #`],
    ["blanks before a box", `${" ".repeat(190_000)}- [ ]`],
    ["open comments", "<!-- ".repeat(38_000)],
    ["open fences", "```\n~~~\n".repeat(20_000)],
    ["numbers", "1. ".repeat(60_000)],
  ])("leaves %s without end to a model, in one pass", (...[, text]) => {
    expect(read(text)).toBeNull();
  });

  test("names the line of a circle in the list", () => {
    expect(() => read("- [ ] T1: One thing, after: T2\n- [ ] T2: Another, after: T1\n")).toThrow(
      "T1 -> T2 -> T1",
    );
  });

  test("takes no verification and no plan's name out of a text of others", () => {
    const plan = read("---\nplan: payroll\nverify: none\n---\n- [ ] Rates\n- [ ] Prices\n");

    expect(plan?.id).toBe("x");
  });
});
