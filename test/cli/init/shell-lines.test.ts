import { describe, expect, test } from "vitest";
import { withinOfLines } from "../../../src/cli/init/shell-lines.ts";

describe("withinOfLines", () => {
  test("ends each here-document at the first line that is its word, by tabs only where it may be", () => {
    const text = "cat <<A <<-B\n\tA\nA\r\nA\n\t\tB\ntrue\n";

    expect(withinOfLines(text)).toEqual([
      "script",
      ...Array.from({ length: 4 }, () => "here-document"),
      "script",
      "script",
    ]);
  });

  test.each([
    ["with a word of its own each", (at: number) => `<<W${String(at)}\n`],
    ["with one word for all", () => "<<A\n"],
    ["all on one line", () => "<<A "],
    ["beside indented lines", () => "<<A\n\tA\n"],
  ])("does not stand still over a script of here-documents without end, %s", (_name, line) => {
    const text = Array.from({ length: 60_000 }, (_, at) => line(at)).join("");

    expect(withinOfLines(text)).toHaveLength(text.split("\n").length);
  });
});
