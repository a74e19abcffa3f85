import { describe, expect, test } from "vitest";

import { byteLength, cleanLine, cleanText } from "../../../src/core/base/text.ts";

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

describe("byteLength", () => {
  test("counts UTF-8 bytes", () => {
    expect(byteLength("a\u00E9\u{1F600}")).toBe(7);
  });
});
