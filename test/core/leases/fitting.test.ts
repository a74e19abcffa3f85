import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { patternFits } from "../../../src/core/leases/fitting.ts";
import { compileGlob } from "../../../src/core/leases/glob.ts";
import { commonPath } from "../../../src/core/leases/intersect.ts";

const texts = fc
  .array(fc.constantFrom("a", "B", "b", "*", "**", "?", "[ab]", "[!a]", "{a,bb}", "é", "/", "/"), {
    minLength: 1,
    maxLength: 9,
  })
  .map((parts) => parts.join(""));

const paths = fc
  .array(fc.constantFrom("a", "b", "B", "É", "ab", "aab", "x", "ba"), {
    minLength: 1,
    maxLength: 4,
  })
  .map((names) => names.join("/"));

describe("patternFits", () => {
  test.each([true, false])(
    "says what the intersection with the path alone says, case-insensitive: %s",
    (caseInsensitive) => {
      const policy = { caseInsensitive };
      fc.assert(
        fc.property(texts, paths, (text, path) => {
          const fitted = patternFits(compileGlob(text, policy), path, policy);

          const common = commonPath(
            { kind: "glob", text },
            { kind: "literal", text: path },
            policy,
          );
          expect(fitted, `${text} ${path}`).toBe(common !== null);
        }),
        { numRuns: 20_000, seed: 7 },
      );
    },
  );

  test.each([
    ["src/**", "src"],
    ["**/*.ts", "a/b/c.ts"],
    ["*a*b*", "xaxbx"],
  ])("%s fits %s", (glob, path) => {
    const policy = { caseInsensitive: false };

    expect(patternFits(compileGlob(glob, policy), path, policy)).toBe(true);
  });

  test("does not take a name for two", () => {
    const policy = { caseInsensitive: false };

    expect(patternFits(compileGlob("a/*", policy), "a", policy)).toBe(false);
    expect(patternFits(compileGlob("*a*b*1x*", policy), "aaaaaaaabbbbbbbb1", policy)).toBe(false);
  });
});
