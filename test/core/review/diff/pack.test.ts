import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  coverageOf,
  coverageText,
  packFiles,
  renderFile,
} from "../../../../src/core/review/index.ts";
import type { ChangedFile, DiffLine, PackOptions } from "../../../../src/core/review/index.ts";
import { aFile, aHunk } from "../../../support/review.ts";

const options: PackOptions = { tokensOf: (text) => text.length, packTokens: 200, maxPacks: 3 };

function added(path: string, count: number, start = 1): ChangedFile {
  const lines = Array.from({ length: count }, (_, index) => `+line ${String(start + index)}`);
  return aFile({ path, hunks: [aHunk(start, lines)] });
}

describe("packFiles", () => {
  test("keeps a file together and fills what room is left", () => {
    const { packs, unseen } = packFiles(
      [added("a.ts", 7), added("b.ts", 7), added("c.ts", 1)],
      options,
    );

    expect(packs.map(({ files }) => files.map(({ path }) => path))).toEqual([
      ["a.ts", "c.ts"],
      ["b.ts"],
    ]);
    expect(unseen).toEqual([]);
  });

  test("gives code the room that documents and tests would take", () => {
    const files = [added("README.md", 6), added("test/a.test.ts", 6), added("a.ts", 6)];

    const { packs, unseen } = packFiles(files, { ...options, maxPacks: 2 });

    expect(packs.map(({ files: own }) => own[0]?.path)).toEqual(["a.ts", "test/a.test.ts"]);
    expect(unseen).toEqual([{ path: "README.md", line: 1, endLine: 6 }]);
  });

  test("cuts a hunk that fits nowhere between lines, and marks the parts", () => {
    const { packs, hunks, unseen } = packFiles([added("a.ts", 20)], options);
    const parts = packs.flatMap(({ files }) => files.flatMap((file) => file.hunks));

    expect(hunks).toBe(3);
    expect(parts.map(({ section }) => section)).toEqual([
      "(part 1 of 3)",
      "(part 2 of 3)",
      "(part 3 of 3)",
    ]);
    expect(parts[1]?.newStart).toBe((parts[0]?.lines.length ?? 0) + 1);
    expect(unseen).toEqual([]);
  });

  test("puts every line into one pack or names it, and no pack is too full", () => {
    const line = fc.record({
      kind: fc.constantFrom<DiffLine["kind"]>("added", "context"),
      text: fc.string({ maxLength: 250 }),
    });
    const file = fc.array(fc.array(line, { minLength: 1, maxLength: 12 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(file, { maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (shapes, maxPacks) => {
          const files = shapes.map((hunks, index) =>
            aFile({
              path: `f${String(index)}.ts`,
              hunks: hunks.map((lines, at) =>
                aHunk(
                  at * 100 + 1,
                  lines.map(({ kind, text }) => `${kind === "added" ? "+" : " "}${text}`),
                ),
              ),
            }),
          );

          const { packs, unseen } = packFiles(files, { ...options, maxPacks });

          const seen = packs.flatMap((pack) => pack.files).flatMap(linesOf);
          const named = unseen.flatMap(({ path, line: first, endLine }) =>
            Array.from(
              { length: endLine - first + 1 },
              (_, index) => `${path}:${String(first + index)}`,
            ),
          );
          expect([...seen, ...named].toSorted()).toEqual(files.flatMap(linesOf).toSorted());
          expect(packs.length).toBeLessThanOrEqual(maxPacks);
          for (const pack of packs) {
            const text = pack.files.map(renderFile).join("\n");
            expect(text.length).toBeLessThanOrEqual(pack.tokens);
            expect(pack.tokens).toBeLessThanOrEqual(options.packTokens);
          }
        },
      ),
    );
  });
});

describe("coverageOf", () => {
  const packing = packFiles([added("a.ts", 7), added("b.ts", 7), added("c.ts", 40)], options);

  test("claims no reader of what is nothing", () => {
    const coverage = coverageOf({ packs: [], unseen: [], files: 0, hunks: 0 }, [
      { seat: 1, packs: [] },
    ]);

    expect(coverageText(coverage)).toBe("0 hunks in 0 files to review.");
  });

  test("says what each seat and what nobody saw", () => {
    const coverage = coverageOf(packing, [
      { seat: 1, packs: [0, 2] },
      { seat: 2, packs: [] },
    ]);

    const b = { path: "b.ts", line: 1, endLine: 7 };
    expect(coverage.unseen).toContainEqual(b);
    expect(coverage.unseen).toEqual(expect.arrayContaining([...packing.unseen]));
    expect(coverage.seats[0]?.missed).toContainEqual(b);
    expect(coverage.seats[1]).toMatchObject({ seat: 2, seenHunks: 0 });
    expect(coverage.seats[1]?.missed).toHaveLength(coverage.hunks);
    expect(coverageText(coverage)).toMatch(
      /^\d+ hunks in 3 files to review; 0 of 2 seats saw all; nobody saw \d+ hunks?\.$/u,
    );
  });
});

describe("renderFile", () => {
  test("shows new numbers, signs, and what cannot be seen", () => {
    const file = aFile({ hunks: [aHunk(9, [" a", "-b", "+c\u202e\td\r"], "total()")] });

    expect(renderFile(file)).toBe(
      [
        "=== src/a.ts (modified)",
        "@@ total()",
        "     9 | a",
        "       |-b",
        "    10 |+c<U+202E>\td<U+000D>",
      ].join("\n"),
    );
  });

  test("shows old numbers in a deleted file, and where a renamed one comes from", () => {
    expect(renderFile(aFile({ kind: "deleted", hunks: [aHunk(4, ["-x"])] }))).toContain(
      "     4 |-x",
    );
    expect(renderFile(aFile({ kind: "renamed", oldPath: "b.ts", hunks: [] }))).toBe(
      "=== src/a.ts (renamed from b.ts)",
    );
  });
});

function linesOf(file: ChangedFile): readonly string[] {
  return file.hunks.flatMap(({ lines }) =>
    lines.map((line) => `${file.path}:${String(line.newLine)}`),
  );
}
