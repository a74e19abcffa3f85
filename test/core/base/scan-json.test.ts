import { describe, expect, test } from "vitest";
import { deepestNesting, mostParts, scanJson } from "../../../src/core/base/scan-json.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

function parts(count: number): string {
  return `[${"1,".repeat(count - 2)}1]`;
}

describe("scanJson", () => {
  test.each([
    '{"a":1,"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    String.raw`{"a":"{\"a\":1,\"a\":2}","b":"\\"}`,
    '{"a":"a","b":["a","a"]}',
    "",
    '{"a',
    "]]]",
  ])("lets %s pass", (text) => {
    expect(scanJson(text)).toBeNull();
  });

  test.each([
    { text: '{"a":1,"a":2}', fault: "duplicate-key" },
    { text: String.raw`{"a":1,"\u0061":2}`, fault: "duplicate-key" },
    { text: '{"x":[{"a":1,"b":{"c":1},"a":2}]}', fault: "duplicate-key" },
    { text: '{"x":{"__proto__":{}}}', fault: "forbidden-key" },
    { text: String.raw`{"__pro\u0074o__":{}}`, fault: "forbidden-key" },
    { text: "[".repeat(deepestNesting + 1), fault: "too-deep" },
  ])("finds $fault in $text", ({ text, fault }) => {
    expect(scanJson(text)).toBe(fault);
  });

  test("allows the deepest nesting, and no level more", () => {
    expect(scanJson(nested(deepestNesting))).toBeNull();
    expect(scanJson(nested(deepestNesting + 1))).toBe("too-deep");
  });

  test("allows the most parts, and not one more, and counts no commas within a text", () => {
    expect(scanJson(parts(mostParts))).toBeNull();
    expect(scanJson(parts(mostParts + 1))).toBe("too-many-parts");
    expect(scanJson(`"${",".repeat(mostParts + 1)}"`)).toBeNull();
  });
});
