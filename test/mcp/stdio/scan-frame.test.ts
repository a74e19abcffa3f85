import { describe, expect, test } from "vitest";
import { deepestNesting, scanFrame } from "../../../src/mcp/stdio/scan-frame.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

describe("scanFrame", () => {
  test.each([
    '{"a":1,"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    String.raw`{"a":"{\"a\":1,\"a\":2}","b":"\\"}`,
    '{"a":"a","b":["a","a"]}',
    "",
    '{"a',
    "]]]",
  ])("lets %s pass", (text) => {
    expect(scanFrame(text)).toBeNull();
  });

  test.each([
    { text: '{"a":1,"a":2}', fault: "duplicate-key" },
    { text: String.raw`{"a":1,"\u0061":2}`, fault: "duplicate-key" },
    { text: '{"x":[{"a":1,"b":{"c":1},"a":2}]}', fault: "duplicate-key" },
    { text: '{"x":{"__proto__":{}}}', fault: "forbidden-key" },
    { text: String.raw`{"__pro\u0074o__":{}}`, fault: "forbidden-key" },
    { text: "[".repeat(deepestNesting + 1), fault: "too-deep" },
  ])("finds $fault in $text", ({ text, fault }) => {
    expect(scanFrame(text)).toBe(fault);
  });

  test("allows the deepest nesting, and no level more", () => {
    expect(scanFrame(nested(deepestNesting))).toBeNull();
    expect(scanFrame(nested(deepestNesting + 1))).toBe("too-deep");
  });
});
