import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { maxDiffBytes, parseDiff } from "../../../../src/core/review/index.ts";
import type { ChangedFile, DiffLine, Hunk } from "../../../../src/core/review/index.ts";
import { writeDiff } from "../../../support/unified-diff.ts";

const oneFile = `diff --git a/src/a.ts b/src/a.ts
index 1234567..89abcde 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,4 @@ function total() {
 one
-two
+deux
+et demi
 three
`;

describe("parseDiff", () => {
  test("reads lines of both sides with their numbers", () => {
    expect(parseDiff(oneFile)).toEqual([
      {
        path: "src/a.ts",
        oldPath: null,
        kind: "modified",
        isBinary: false,
        hunks: [
          {
            oldStart: 1,
            newStart: 1,
            section: "function total() {",
            lines: [
              { kind: "context", oldLine: 1, newLine: 1, text: "one" },
              { kind: "removed", oldLine: 2, newLine: null, text: "two" },
              { kind: "added", oldLine: null, newLine: 2, text: "deux" },
              { kind: "added", oldLine: null, newLine: 3, text: "et demi" },
              { kind: "context", oldLine: 3, newLine: 4, text: "three" },
            ],
          },
        ],
      },
    ]);
  });

  test.each([
    ["new file mode 100644\nindex 0..1", "added", "x", null],
    ["deleted file mode 100644\nindex 1..0", "deleted", "x", null],
    ["old mode 100644\nnew mode 100755", "modified", "x", null],
    ["new file mode 100644\nindex 0000000..e69de29", "added", "x", null],
    ["similarity index 100%\nrename from w\nrename to x", "renamed", "x", "w"],
    ["similarity index 100%\ncopy from w\ncopy to x", "added", "x", "w"],
  ])("reads a header: %j", (...[header, kind, path, oldPath]) => {
    const old = oldPath ?? path;

    const [file] = parseDiff(`diff --git a/${old} b/${path}\n${header}\n`);

    expect(file).toMatchObject({ kind, path, oldPath, hunks: [] });
  });

  test.each(["Binary files a/x.png and b/x.png differ", "GIT binary patch\nliteral 4\nLc${NkU|^"])(
    "marks a binary file: %j",
    (body) => {
      const [file] = parseDiff(`diff --git a/x.png b/x.png\nindex 1..2 100644\n${body}\n\n`);

      expect(file).toMatchObject({ path: "x.png", isBinary: true, hunks: [] });
    },
  );

  test.each([
    ["a/a b.txt b/a b.txt", "a b.txt"],
    ['"a/\\303\\244 \\"q\\"\\t.ts" "b/\\303\\244 \\"q\\"\\t.ts"', 'ä "q"\t.ts'],
    ["i/a.txt w/a.txt", "a.txt"],
    ["a.txt a.txt", "a.txt"],
    ["a/x.txt a/x.txt", "a/x.txt"],
  ])("reads the paths %j", (...[names, path]) => {
    const [file] = parseDiff(`diff --git ${names}\nold mode 100644\nnew mode 100755\n`);

    expect(file?.path).toBe(path);
  });

  test("reads a diff that git did not write", () => {
    const text = `--- a.txt\t2026-11-20 10:00:00\n+++ a.txt\t2026-11-20 10:00:01\n@@ -1 +1 @@\n-a\n+b\n`;

    expect(parseDiff(text)).toMatchObject([{ path: "a.txt", kind: "modified" }]);
  });

  test("lists a binary file of which `diff -r` says nothing else", () => {
    const text = "Only in b: x\nBinary files a/x y.png and b/x y.png differ\n";

    expect(parseDiff(text)).toMatchObject([{ path: "x y.png", isBinary: true, hunks: [] }]);
  });

  test("takes either line end, and the missing one at a file's end", () => {
    const unix = oneFile.replace(" three\n", " three\n\\ No newline at end of file\n");

    expect(parseDiff(unix)).toEqual(parseDiff(oneFile));
    expect(parseDiff(unix.replaceAll("\n", "\r\n"))).toEqual(parseDiff(oneFile));
  });

  test("reads the patches of several mails", () => {
    const mail = `From 1 Mon Sep 17 00:00:00 2001\nSubject: x\n\n---\n a.ts | 1 +\n\n${oneFile}-- \n2.43.0\n\n`;

    expect(parseDiff(mail + mail)).toHaveLength(2);
  });

  test("keeps code that looks like a header in its hunk", () => {
    const lines = ["+++ b/x", "--- a/x", "+@@ -1 +1 @@", "+diff --git a/y b/y"];
    const body = lines.join("\n");
    const text = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,1 +1,3 @@\n${body}\n`;

    const texts = parseDiff(text)[0]?.hunks[0]?.lines.map((line) => line.text);

    expect(texts).toEqual(["++ b/x", "-- a/x", "@@ -1 +1 @@", "diff --git a/y b/y"]);
  });

  test.each([
    ["a combined diff", "diff --cc a.ts\n@@@ -1 -1 +1 @@@\n", "SKN-1862"],
    ["a hunk without a file", "@@ -1 +1 @@\n-a\n+b\n", "SKN-1861"],
    ["names without a hunk", "diff --git a/x b/x\n--- a/x\n+++ b/x\n", "SKN-1861"],
    [
      "hunks with colours",
      oneFile.replace(/^(?:@@| |[-+](?![-+])).*$/gmu, "\u{1B}[36m$&\u{1B}[m"),
      "SKN-1861",
    ],
    ["a diff with colours", oneFile.replaceAll(/^.+$/gmu, "\u{1B}[1m$&\u{1B}[m"), "SKN-1861"],
    ["what changed in numbers", " src/a.ts | 3 ++-\n 1 file changed\n", "SKN-1861"],
    [
      "a context diff",
      "*** a.ts\n--- a.ts\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
      "SKN-1861",
    ],
    ["prose", "Hello\n", "SKN-1861"],
    ["a hunk that is cut", oneFile.split("\n").slice(0, 7).join("\n"), "SKN-1861"],
    ["more lines than told", oneFile.replace("+1,4", "+1,3"), "SKN-1861"],
    ["added lines behind a hunk", `${oneFile}+hidden\n`, "SKN-1861"],
    ["a line without a sign", oneFile.replace("+deux", "*deux"), "SKN-1861"],
    [
      "two names",
      oneFile.replace("+++ b/src/a.ts", "+++ b/src/b.ts\nrename from q\nrename to r"),
      "SKN-1861",
    ],
    ["a path that leaves", oneFile.replaceAll("src/a.ts", "../a.ts"), "SKN-1861"],
    ["an absolute path", oneFile.replaceAll("a/src/a.ts", "/etc/passwd"), "SKN-1861"],
    ["an endless path", oneFile.replaceAll("src/a.ts", "x".repeat(5_000)), "SKN-1861"],
    ["no name", "diff --git x\nold mode 1\n", "SKN-1861"],
    ["half a rename", "diff --git a/x b/y\nrename from x\n", "SKN-1861"],
  ])("refuses %s", (...[, text, code]) => {
    expect(() => parseDiff(text)).toThrow(expect.objectContaining({ code }));
  });

  test("refuses more than 10 MB", () => {
    expect(() => parseDiff("é".repeat(maxDiffBytes / 2 + 1))).toThrow(
      expect.objectContaining({ code: "SKN-1863" }),
    );
  });

  test("gives back whatever was written", () => {
    fc.assert(
      fc.property(fc.array(someFile, { maxLength: 5 }), (files) => {
        expect(parseDiff(writeDiff(files))).toEqual(files);
      }),
      { numRuns: 500 },
    );
  });

  test("answers any text with files or with one of its errors", () => {
    const piece = fc.constantFrom(...oneFile.split("\n"), '"', "rename from x", "\\ No", "+", "");
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
        try {
          expect(Array.isArray(parseDiff(pieces.join("\n")))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^SKN-186[12]$/u) });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const segment = fc
  .string({ minLength: 1, maxLength: 8, unit: "binary" })
  .map((text) =>
    text
      .replaceAll("\0", "0")
      .replaceAll("/", "-")
      .replaceAll(/\p{Cs}/gu, "?"),
  )
  .filter((text) => text !== "." && text !== "..");

const somePath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));

const someText = fc.string({ unit: "binary", maxLength: 20 }).map((text) =>
  text
    .replaceAll("\n", "n")
    .replaceAll(/\r$/gu, "")
    .replaceAll(/\p{Cs}/gu, "?"),
);

const someHunk: fc.Arbitrary<Hunk> = fc
  .record({
    start: fc.integer({ min: 1, max: 9_999 }),
    section: fc.string({ maxLength: 10 }).map((text) => text.trim()),
    lines: fc.array(
      fc.record({
        kind: fc.constantFrom<DiffLine["kind"]>("context", "added", "removed"),
        text: someText,
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ start, section, lines }) => {
    let [oldLine, newLine] = [start, start];
    const numbered = lines.map(({ kind, text }) => ({
      kind,
      oldLine: kind === "added" ? null : oldLine++,
      newLine: kind === "removed" ? null : newLine++,
      text,
    }));
    return { oldStart: start, newStart: start, section, lines: numbered };
  });

const someFile: fc.Arbitrary<ChangedFile> = fc
  .record({
    path: somePath,
    source: somePath,
    kind: fc.constantFrom<ChangedFile["kind"]>("added", "modified", "deleted", "renamed"),
    isCopy: fc.boolean(),
    isBinary: fc.boolean(),
    hunks: fc.array(someHunk, { maxLength: 3 }),
  })
  .map(({ path, source, kind, isCopy, isBinary, hunks }) => {
    const hasSource = kind === "renamed" || (kind === "added" && isCopy);
    return {
      path,
      oldPath: hasSource ? source : null,
      kind,
      isBinary,
      hunks: isBinary ? [] : hunks,
    };
  });
