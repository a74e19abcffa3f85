import { describe, expect, test } from "vitest";
import {
  literalPath,
  literalPrefix,
  parsePathPattern,
  patternText,
} from "../../../src/core/leases/index.ts";

describe("parsePathPattern", () => {
  test.each([
    ["src/price.ts", "literal", "src/price.ts"],
    ["./src//price.ts", "literal", "src/price.ts"],
    ["src/./price.ts", "literal", "src/price.ts"],
    ["src/", "dir", "src"],
    ["app/[id]/", "dir", "app/[id]"],
    [".", "dir", ""],
    ["./", "dir", ""],
    ["src/**", "glob", "src/**"],
    ["src/*/", "glob", "src/*/**"],
    ["{src,test}/", "glob", "{src,test}/**"],
    ["src/[a-c]?.ts", "glob", "src/[a-c]?.ts"],
    ["{id}.ts", "literal", "{id}.ts"],
    ["(group)/+page.svelte", "literal", "(group)/+page.svelte"],
    [".github/workflows/check.yml", "literal", ".github/workflows/check.yml"],
    [".gitignore", "literal", ".gitignore"],
    ["cafe\u0301.md", "literal", "caf\u00e9.md"],
  ])("reads %j as a %s", (...[written, kind, text]) => {
    expect(parsePathPattern(written)).toEqual({ kind, text });
  });

  test.each([
    ["app/[id]/page.tsx", "file", "literal"],
    ["app/[id]", "directory", "dir"],
    ["src", "directory", "dir"],
    ["src/", "file", "literal"],
  ] as const)("takes %j for the %s that exists", (...[written, existing, kind]) => {
    const asked: string[] = [];

    const pattern = parsePathPattern(written, {
      pathExists: (path) => {
        asked.push(path);
        return existing;
      },
    });

    expect(pattern).toEqual({ kind, text: written.replace(/\/$/u, "") });
    expect(asked).toEqual([pattern.text]);
  });

  test.each([
    ["[a", "SKN-1505"],
    ["a{b,c", "SKN-1505"],
    ["[z-a]", "SKN-1505"],
    ["[a/b]", "SKN-1505"],
    ["[abc/def]", "SKN-1505"],
    ["x/[]/]y", "SKN-1505"],
    ["[[:alpha:]]", "SKN-1505"],
    ["{a,b}".repeat(7), "SKN-1506"],
    [`{${"a,".repeat(64)}b}`, "SKN-1506"],
    [`{a,b,c}${"x".repeat(800)}`, "SKN-1506"],
    ["!src/**", "SKN-1507"],
    ["{,src}/a", "SKN-1502"],
    ["{src,../etc}/a", "SKN-1502"],
    ["{src,.git}/hooks/*", "SKN-1504"],
  ])("refuses %j", (written, code) => {
    expect(() => parsePathPattern(written)).toThrow(expect.objectContaining({ code }));
  });
});

describe("literalPath", () => {
  test("takes what exists as it is, brackets and odd names included", () => {
    expect(literalPath("app/[id]/aux")).toEqual({ kind: "literal", text: "app/[id]/aux" });
  });
});

describe("patternText", () => {
  test.each(["src/", ".", "src/a.ts", "src/**"])("writes %j back as it was read", (written) => {
    expect(patternText(parsePathPattern(written))).toBe(written);
  });
});

describe("literalPrefix", () => {
  test.each([
    ["src/price.ts", "src/price.ts"],
    ["src/", "src"],
    [".", ""],
    ["src/price*/a.ts", "src"],
    ["src/**", "src"],
    ["**/a.ts", ""],
    ["src/{a,b}/c/*.ts", "src"],
    ["src/x/{a,b}*.ts", "src/x"],
    ["src/{a/b,a/c}/d", "src/a"],
    ["[id]/a", ""],
  ])("of %j is %j", (written, prefix) => {
    expect(literalPrefix(parsePathPattern(written))).toBe(prefix);
  });
});
