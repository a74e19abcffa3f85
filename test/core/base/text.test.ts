import { describe, expect, test } from "vitest";

import { visibleText } from "../../../src/cli/visible.ts";
import {
  byteLength,
  cleanLine,
  cleanText,
  showHidden,
  withoutInvisible,
} from "../../../src/core/base/text.ts";
import { visible } from "../../../src/core/review/prompts/fence.ts";
import { clip } from "../../../src/mcp/views/text.ts";

describe("cleanText", () => {
  test("keeps line breaks and tabs and takes other control characters out", () => {
    expect(cleanText("a\u0007b\n\tc\u001B[31md\u009F", 100)).toBe("ab\n\tc[31md");
  });

  test("turns every kind of line break into one", () => {
    expect(cleanText("a\r\nb\rc\u2028d\u0085e", 100)).toBe("a\nb\nc\nd\ne");
  });

  test.each([
    ["an override of the direction", "a\u202Eb"],
    ["an isolate of the direction", "a\u2066b\u2069"],
    ["a zero-width space", "a\u200Bb"],
    ["a zero-width joiner", "a\u200Db"],
    ["a byte order mark", "\uFEFFab"],
    ["the tag block", "a\u{E0041}\u{E007F}b"],
    ["variation selectors that hide bytes", "a\u{E0100}\u{E01EF}b"],
    ["a soft hyphen", "a\u00ADb"],
  ])("takes out %s", (_, text) => {
    expect(cleanText(text, 100)).toBe("ab");
  });

  test("replaces half a surrogate pair", () => {
    expect(cleanText("a\uD800b", 100)).toBe("a\uFFFDb");
  });

  test("never cuts a character in two", () => {
    expect(cleanText("ab\u{1F600}\u{1F600}", 3)).toBe("ab\u{1F600}");
  });
});

describe("cleanLine", () => {
  test("makes one line of several and one space of many", () => {
    expect(cleanLine("  a\n\n b\t c ", 100)).toBe("a b c");
  });

  test("caps the length", () => {
    expect(cleanLine("abcdef", 3)).toBe("abc");
  });

  test("composes accents, so that equal names are equal", () => {
    expect(cleanLine("e\u0301", 10)).toBe("\u00E9");
  });
});

/** Fillers of Hangul, selectors behind nothing and in rows, joiners of graphemes, tags, and marks of direction. */
const unseenSigns = [
  "\u{3164}",
  "\u{FFA0}",
  "\u{115F}",
  "\u{34F}",
  "\u{180B}",
  "\u{FE00}",
  "\u{FE01}\u{FE0F}",
  "\u{FE0E}",
  "\u{FE0F}",
  "\u{E0101}",
  "\u{E0041}",
  "\u{202E}",
  "\u{200B}\u{FE0F}",
];

describe("what cannot be seen", () => {
  test.each(unseenSigns)("%j is taken out, written out, and escaped", (sign) => {
    const text = `a${sign}b`;

    expect([cleanText(text, 9), cleanLine(text, 9), withoutInvisible(text)]).toEqual([
      "ab",
      "ab",
      "ab",
    ]);
    expect(showHidden(text)).toMatch(/^a(?:<U\+[0-9A-F]{4,6}>)+b$/u);
    expect(visibleText(text)).toMatch(/^a(?:\\u[0-9a-f]{4})+b$/u);
    expect(visible(text)).toBe("a[hidden]b");
    expect(clip(text, 9)).toBe("ab");
  });

  test("the look of an emoji, and letters with marks, stay", () => {
    const text = "❤\u{FE0F} ⚠\u{FE0F} 1\u{FE0F}\u{20E3} é 한글 日本";

    expect(cleanText(text, 99)).toBe(text);
    expect(showHidden(text)).toBe(text);
    expect(visibleText(text)).toBe(text);
  });

  test("a row of selectors between others keeps one", () => {
    expect(withoutInvisible("❤\u{FE0F}\u{200B}\u{FE0F}\u{FE0E}\u{FE0F}")).toBe("❤\u{FE0F}");
  });
});

describe("byteLength", () => {
  test("counts UTF-8 bytes", () => {
    expect(byteLength("a\u00E9\u{1F600}")).toBe(7);
  });
});
