import { describe, expect, test } from "vitest";
import { findExcess } from "../../../src/core/plans/yaml-bounds.ts";

describe("a large text that is too much to be read", () => {
  const nested: Readonly<Record<string, string>> = {
    "lists in brackets": `a: [${`${"[".repeat(60)}${"]".repeat(60)},\n `.repeat(7_000)}]\n`,
    "maps in brackets": `a: [${`${"{a: ".repeat(60)}b${"}".repeat(60)},\n `.repeat(5_000)}]\n`,
    "lists on one line": `${"- ".repeat(60)}a\n`.repeat(15_000),
    "keys on one line": `${"? ".repeat(60)}a\n`.repeat(15_000),
    "very many words": `a: [${"1,".repeat(1_100_000)}]\n`,
  };

  test.each(Object.entries(nested))("is told from a plain look: %s", (_, text) => {
    expect(findExcess(text)).toMatchObject({ entry: { code: "SKN-1408" } });
  });

  test("is not what people write: 4 MB of tasks with short lists", () => {
    const one = 'files: ["src/a.ts", src/b.ts]\n    depends_on:\n      - T1\n      - T2\n';
    const text = Array.from({ length: 20_000 }, (_, at) => {
      const title = `"Do ${String(at)}: ${"words ".repeat(20)}"`;
      return `  - id: T${String(at)}\n    title: ${title}\n    ${one}`;
    }).join("");

    expect(text.length).toBeGreaterThan(4_000_000);
    expect(findExcess(`plan: p\ntasks:\n${text}`)).toBeNull();
  });
});
