import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { anchorClaim } from "../../../../src/core/review/index.ts";
import { aClaim, aFile, aHunk } from "../../../support/review.ts";

const file = aFile({
  hunks: [
    aHunk(10, [" function total() {", "-  return a;", "+  return a + b;", "+  // done", " }"]),
    aHunk(50, ["+if (x) {", "+  stop();", "+}", " }"]),
  ],
});

describe("anchorClaim", () => {
  test.each([
    ["as claimed", { line: 11, endLine: 11, quoted: "return a + b;" }, 11, 11],
    ["moved to where the text stands", { line: 99, endLine: 99, quoted: "stop();" }, 51, 51],
    ["over several lines", { line: 1, endLine: 1, quoted: "return a + b;\n\n// done" }, 11, 12],
    ["with the claim's own length", { line: 50, endLine: 52, quoted: "if (x) {" }, 50, 52],
    ["never out of the hunk", { line: 50, endLine: 90, quoted: "if (x) {" }, 50, 50],
    ["by a part of a line", { line: 2, endLine: 2, quoted: "a + b;" }, 11, 11],
    [
      "with shown numbers and signs",
      { line: 2, endLine: 2, quoted: "    11 |+  return a + b;" },
      11,
      11,
    ],
    ["nearest of several", { line: 15, endLine: 15, quoted: "}" }, 13, 13],
    ["next to what was taken away", { line: 11, endLine: 11, quoted: "return a;" }, 11, 11],
  ])("places a claim %s", (...[, claim, line, endLine]) => {
    expect(anchorClaim(aClaim(claim), [file])).toEqual({
      path: "src/a.ts",
      line,
      endLine,
      placement: "line",
    });
  });

  test.each([
    ["code that is not there", { line: 11, quoted: "return c;" }],
    ["no code", { line: 11, quoted: " " }],
    ["code at several places, all of them far", { line: 300, quoted: "}" }],
    ["a part too short to tell", { line: 11, quoted: "a +" }],
  ])("shows a claim with its file when it quotes %s", (...[, claim]) => {
    expect(anchorClaim(aClaim(claim), [file])).toMatchObject({
      path: "src/a.ts",
      placement: "file",
    });
  });

  test.each([
    ["src/cafe\u0301/a.ts", "src/café/a.ts"],
    ["src/two  spaces.ts", "src/two spaces.ts"],
    ["src/\u202Egnp.ts", "src/<U+202E>gnp.ts"],
  ])("knows the file %j by the path %j, as a reviewer writes it back", (path, written) => {
    const claim = aClaim({ path: written, line: 11, endLine: 11, quoted: "return a + b;" });

    expect(anchorClaim(claim, [{ ...file, path }])).toMatchObject({ path, placement: "line" });
  });

  test("shows a claim with the summary when the diff has no such file", () => {
    const anchor = anchorClaim(aClaim({ path: "src/z.ts", line: -4, endLine: Number.NaN }), [file]);

    expect(anchor).toEqual({ path: "src/z.ts", line: 1, endLine: 1, placement: "summary" });
  });

  test.each([
    ["key = [redacted:key];", 1],
    ["a([redacted:key], [redacted:token])", 2],
    ["key = [redacted:key]; // more", null],
    ["a([redacted:key], x, [redacted:token])", null],
    ["if (isAdmin<U+202E>) {", 3],
  ])("finds a line as its reviewers were shown it: %s", (...[quoted, line]) => {
    const secret = aFile({
      hunks: [aHunk(1, ["+key = 12345;", "+a(b, c)", "+if (isAdmin\u202e) {"])],
    });

    const anchor = anchorClaim(aClaim({ line: 9, endLine: 9, quoted }), [secret]);

    expect(anchor.placement === "line" ? anchor.line : null).toBe(line);
  });

  test.each(["./src/a.ts", "b/src/a.ts", "src/old.ts"])("knows the file as %s", (path) => {
    const renamed = { ...file, kind: "renamed" as const, oldPath: "src/old.ts" };

    const anchor = anchorClaim(aClaim({ path, quoted: "stop();" }), [renamed]);

    expect(anchor).toMatchObject({ path: "src/a.ts", line: 51, placement: "line" });
  });

  test("counts a deleted file's lines on its old side", () => {
    const deleted = aFile({ kind: "deleted", hunks: [aHunk(7, ["-one", "-two"])] });

    expect(anchorClaim(aClaim({ quoted: "two" }), [deleted])).toMatchObject({
      line: 8,
      placement: "line",
    });
  });

  test("places any claim somewhere, and on a line only where the diff has it with the quoted text", () => {
    const lines = fc.array(fc.constantFrom("+aaaaaa", " bbbbbb", "-cccccc", "+dddddd"), {
      minLength: 1,
      maxLength: 12,
    });
    const claim = fc.record({
      path: fc.constantFrom("src/a.ts", "x"),
      line: fc.integer({ min: -2, max: 40 }),
      endLine: fc.integer({ min: -2, max: 40 }),
      quoted: fc.constantFrom("aaaaaa", "bbbbbb", "dddddd", "aaaaaa\nbbbbbb", "zzz", ""),
    });
    fc.assert(
      fc.property(lines, claim, (texts, odd) => {
        const hunk = aHunk(5, texts);
        const anchor = anchorClaim(aClaim(odd), [aFile({ hunks: [hunk] })]);
        const first = hunk.lines.find(({ newLine }) => newLine === anchor.line);

        expect(["line", "file", "summary"]).toContain(anchor.placement);
        expect(anchor.endLine).toBeGreaterThanOrEqual(anchor.line);
        if (anchor.placement === "line") {
          expect(first?.text).toBe(odd.quoted.split("\n")[0]);
          expect(hunk.lines.some(({ newLine }) => newLine === anchor.endLine)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
