import { describe, expect, test } from "vitest";
import {
  commonPath,
  parsePathPattern,
  patternMatches,
  patternsIntersect,
} from "../../../src/core/leases/index.ts";

const exact = { caseInsensitive: false };
const folded = { caseInsensitive: true };

describe("patternsIntersect", () => {
  test.each([
    ["src/*.ts", "src/price.*", true],
    ["*/price.ts", "src/*", true],
    ["src/**", "src", true],
    ["src/", "src", true],
    ["src/", "srcs/a", false],
    [".", "any/thing", true],
    ["**/*.ts", "docs/", true],
    ["**/*.ts", "docs/*.md", false],
    ["a/**/b", "a/b", true],
    ["a/*/b", "a/b", false],
    ["a*b", "b*a", false],
    ["{src,test}/**", "{docs,test}/a", true],
    ["{src,test}/**", "{docs,bench}/a", false],
    ["[a-m]*", "[n-z]*", false],
    ["[!a]", "a", false],
    ["*", ".hidden", true],
    ["src/a.ts", "src/a.ts", true],
    ["src/A.ts", "src/a.ts", false],
  ])("tells of %j and %j: %s", (...[one, other, expected]) => {
    const patterns = [parsePathPattern(one), parsePathPattern(other)] as const;

    expect(patternsIntersect(patterns[0], patterns[1], exact)).toBe(expected);
    expect(patternsIntersect(patterns[1], patterns[0], exact)).toBe(expected);
  });

  test.each([
    ["src/A.ts", "SRC/a.ts"],
    ["src/[A-C]x", "src/bX"],
    ["É*", "\u0065\u0301t\u00e9"],
    ["Σ", "ς"],
    ["K", "\u212a"],
  ])("ignores the case of %j and %j where the project does", (one, other) => {
    const patterns = [parsePathPattern(one), parsePathPattern(other)] as const;

    expect(patternsIntersect(patterns[0], patterns[1], folded)).toBe(true);
    expect(patternsIntersect(patterns[0], patterns[1], exact)).toBe(
      one.normalize("NFC") === other.normalize("NFC"),
    );
  });

  test("takes a file's name with brackets literally where the file exists", () => {
    const page = parsePathPattern("app/[id]/page.tsx", { pathExists: () => "file" });

    expect(patternsIntersect(page, parsePathPattern("app/[id]/*.tsx"), exact)).toBe(false);
    expect(patternsIntersect(page, parsePathPattern("app/*/page.tsx"), exact)).toBe(true);
  });
});

describe("patternMatches", () => {
  test("brings the path into its normal form first", () => {
    expect(patternMatches(parsePathPattern("caf?.md"), "cafe\u0301.md", exact)).toBe(true);
  });
});

describe("commonPath", () => {
  test.each([
    ["src/**/rules.ts", "src/price/*", "src/price/rules.ts"],
    ["*.test.*", "**/a*", "a.test."],
    ["**", ".", "x"],
  ])("shows a path that %j and %j share", (...[one, other, path]) => {
    expect(commonPath(parsePathPattern(one), parsePathPattern(other), exact)).toBe(path);
  });

  test("is null when there is none", () => {
    expect(commonPath(parsePathPattern("a/*"), parsePathPattern("b/*"), exact)).toBeNull();
  });
});
