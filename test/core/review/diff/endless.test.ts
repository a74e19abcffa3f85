import { describe, expect, test } from "vitest";

import { cutNotes } from "../../../../src/core/review/diff/endless.ts";
import type { CutLine } from "../../../../src/core/review/diff/endless.ts";
import { skipFiles } from "../../../../src/core/review/index.ts";
import type { ChangedFile } from "../../../../src/core/review/index.ts";
import { aFile, aHunk } from "../../../support/review.ts";

const endless = `!function(){${"a(1);".repeat(1_200)}}();`;
const other = endless.replaceAll("1", "2");

function added(path: string, lines: readonly string[]): ChangedFile {
  return aFile({ path, kind: "added", hunks: [aHunk(1, lines)] });
}

function changed(path: string, lines: readonly string[]): ChangedFile {
  return aFile({ path, hunks: [aHunk(1, lines)] });
}

function textsOf(files: readonly ChangedFile[]): string {
  return files
    .flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines.map(({ text }) => text)))
    .join("\n");
}

describe("a file that a program made small", () => {
  test.each([
    ["a new one", added("public/app.js", [`+${endless}`])],
    ["a new one of several lines", added("public/app.css", [`+${endless}`, `+${other}`])],
    ["one that is made anew", changed("public/app.js", [`-${endless}`, `+${other}`])],
    [
      "one with a banner and its map",
      added("public/app.mjs", [
        "+/*!",
        "+ * Shop 1.0",
        "+ */",
        "+/* MIT */",
        `+${endless}`,
        "+//# sourceMappingURL=app.mjs.map",
        "+",
      ]),
    ],
    [
      "one whose banner is another, too",
      changed("public/app.js", ["-// 1.0", `-${endless}`, "+// 1.1", `+${other}`]),
    ],
    [
      "one that was renamed",
      aFile({
        path: "public/b.js",
        oldPath: "public/a.js",
        kind: "renamed",
        hunks: [aHunk(1, [`-${endless}`, `+${other}`])],
      }),
    ],
  ])("is skipped: %s", (...[, file]) => {
    const { kept, cut, skipped } = skipFiles([file]);

    expect([kept, cut]).toEqual([[], []]);
    expect(skipped).toMatchObject([{ kind: "minified" }]);
  });
});

describe("an endless line that hides code", () => {
  const evil = "steal(process.env);";

  test.each([
    ["beside an ordinary line of the change", changed("src/a.js", [`+${endless}`, `+${evil}`])],
    ["in a new file", added("src/a.js", [`+${endless}`, `+${evil}`])],
    ["in a language that nobody minifies", added("src/a.ts", [`+${evil}${endless}`])],
    ["in a manifest", added("package.json", [`+{"scripts":{"x":"${evil}${endless}"}}`])],
    ["of blanks alone", added("src/a.js", [`+${evil}${" ".repeat(9_000)}//`])],
    ["in place of ordinary lines", changed("src/a.js", ["-pay();", `+${evil}${endless}`])],
    [
      "in a file that had an endless line among others",
      changed("src/a.js", [` ${endless}`, " pay();", `+${evil}`]),
    ],
    ["below no line of before", changed("src/a.js", [`+${evil}${endless}`])],
    ["behind a comment that ends", added("src/a.js", [`+${endless}`, `+/* x */ ${evil}`])],
    ["behind a comment of several lines", added("src/a.js", [`+${endless}`, "+/*", `+*/${evil}`])],
    [
      "between comments of several lines",
      added("src/a.js", [`+${endless}`, "+/*", `+*/${evil}/*`, "+*/"]),
    ],
    [
      "before a comment of one line",
      added("src/a.js", [`+${endless}`, "+/*", `+*/${evil}`, "+/**/"]),
    ],
    ["below a comment without an end", added("src/a.js", [`+${endless}`, "+/* x", `+${evil}`])],
    ["behind a line end of JavaScript", added("src/a.js", [`+${endless}`, `+//\u2028${evil}`])],
    ["behind a return", added("src/a.js", [`+${endless}`, `+// x\r${evil}`])],
    ["where two slashes are no comment", added("src/a.css", [`+${endless}`, `+//{} ${evil}`])],
    ["in a page", added("a.html", [`+${endless}`, `+//<script>${evil}</script>`])],
    [
      "in a file that was named otherwise",
      aFile({
        path: "src/a.js",
        oldPath: "src/a.ts",
        kind: "renamed",
        hunks: [aHunk(1, [`-${endless}`, `+${evil}${endless}`])],
      }),
    ],
  ])("keeps nothing from the reviewers %s", (...[, file]) => {
    const { kept, cut, skipped } = skipFiles([file]);

    expect(skipped).toEqual([]);
    expect(textsOf(kept)).toContain(evil);
    expect(textsOf(kept).length).toBeLessThan(3_000);
    expect(cut.length).toBeGreaterThan(0);
  });

  test("is shown from both ends, with what was cut between", () => {
    const file = added("src/a.ts", [`+begin${"x".repeat(6_000)}😀end`]);

    const { kept, cut } = skipFiles([file]);

    expect(textsOf(kept)).toMatch(/^beginx{595} \[\d+ characters are cut here\] x{295}😀end$/u);
    expect(cut).toEqual([{ path: "src/a.ts", line: 1, chars: 6_010 }]);
  });

  test("is cut between signs, however long it is", () => {
    const [file] = skipFiles([added("src/a.ts", [`+${"😀".repeat(3_000)}`])]).kept;
    const odd = skipFiles([added("src/a.ts", [`+x${"😀".repeat(3_000)}y`])]).kept;
    const vast = skipFiles([added("a.js", [`+/*${"x".repeat(9_000_000)}`, `+${endless}`])]);

    expect(textsOf(file === undefined ? [] : [file, ...odd])).not.toMatch(/[\uD800-\uDFFF]/u);
    expect(textsOf(vast.kept).length).toBeLessThan(3_000);
  });

  test("is shown whole among ordinary lines that are more, and where the settings include it", () => {
    const others = Array.from({ length: 100 }, () => `+${"y".repeat(80)}`);
    const long = changed("src/a.ts", [`+${endless}`, ...others]);

    expect(skipFiles([long])).toEqual({ kept: [long], cut: [], skipped: [] });
    const file = added("public/app.js", [`+${endless}`]);
    expect(skipFiles([file], { include: ["public/"] }).kept).toEqual([file]);
  });
});

function line(at: number | null): CutLine {
  return { path: "src/a.ts", line: at, chars: 6_000 };
}

describe("cutNotes", () => {
  test("names a few lines and counts the rest", () => {
    expect(cutNotes([])).toEqual([]);
    expect(cutNotes([line(3), line(null)])).toEqual([
      expect.stringContaining(
        "src/a.ts:3 (6000 characters), src/a.ts:a line taken away (6000 characters).",
      ),
    ]);
    const [many = ""] = cutNotes(Array.from({ length: 9 }, (_, at) => line(at)));
    expect(many).toMatch(/ and 4 more\.$/u);
    expect(many.length).toBeLessThan(500);
  });
});
