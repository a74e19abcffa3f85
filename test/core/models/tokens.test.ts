import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createTokens } from "../../../src/core/models/index.ts";

const tokens = createTokens();

/** One token for each 3.2 characters, and one for each above U+2E7F: how texts were estimated before scripts counted. */
function before(text: string): number {
  const wide = text.match(/[\u2E80-\uFFFF]/gu)?.length ?? 0;
  return Math.ceil((text.length - wide) / 3.2) + wide;
}

/** 3,000 characters of each, as docs/models.md has them. */
const fixtures = [
  ["ASCII", "const sum = price * count;\n", 938, 938],
  ["Latin with marks", "äöüßéèçñ", 3_000, 6_000],
  ["Greek", "λόγος", 3_000, 6_000],
  ["Cyrillic", "слово", 3_000, 6_000],
  ["Chinese", "请检查函数", 3_000, 9_000],
  ["kana", "ひらがなカタカナ", 3_000, 9_000],
  ["Hangul", "확인하십시오", 3_000, 9_000],
  ["Thai", "ตรวจสอบ", 9_000, 9_000],
  ["Ethiopic", "ተግባር", 9_000, 9_000],
  ["combining marks", "\u0301\u0328", 6_000, 6_000],
  ["emoji", "🧶", 12_000, 12_000],
  ["halves of pairs", "\uD800", 9_000, 9_000],
] as const;

describe("createTokens", () => {
  test.each(fixtures)("estimates 3,000 characters of %s", (_, some, ...figures) => {
    const text = Array.from(some.repeat(3_000)).slice(0, 3_000).join("");

    expect([tokens.ofText(text), tokens.atMost(text)]).toEqual(figures);
  });

  test("never says less than before, and at most at least what is fair", () => {
    const any = fc.string({ unit: "binary", maxLength: 400 });
    const halves = fc
      .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 400 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(any, halves, fc.string()), (text) => {
        const fair = tokens.ofText(text);

        expect(fair).toBeGreaterThanOrEqual(before(text));
        expect(tokens.atMost(text)).toBeGreaterThanOrEqual(fair);
      }),
      { numRuns: 2_000 },
    );
  });

  test("gives all that is not ASCII a token for each byte at most", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const rest = Array.from(text).filter((each) => each >= "\u0080");
        const bytes = Buffer.byteLength(rest.join(""));

        expect(tokens.atMost(rest.join(""))).toBe(bytes);
        expect(tokens.atMost(text)).toBe(
          Math.ceil((text.length - rest.join("").length) / 3.2) + bytes,
        );
      }),
    );
  });

  test("takes ASCII as before", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 400 }), (text) => {
        expect(tokens.atMost(text)).toBe(before(text));
      }),
    );
  });
});
