import { describe, expect, test } from "vitest";
import { createMemo } from "../../../src/core/base/memo.ts";

/** Asks a memo for keys, and tells which of them were made anew. */
function made(limit: number, keys: readonly string[]): readonly string[] {
  const memo = createMemo<string>(limit);
  const anew: string[] = [];
  for (const key of keys) {
    const value = memo.of(key, () => {
      anew.push(key);
      return key.toUpperCase();
    });
    expect(value).toBe(key.toUpperCase());
  }
  return anew;
}

describe("createMemo", () => {
  test("makes the result of a key once", () => {
    expect(made(10, ["a", "b", "a", "b", "a"])).toEqual(["a", "b"]);
  });

  test("forgets what was not asked for lately, and keeps what was", () => {
    const others = Array.from({ length: 20 }, (_, at) => `other${String(at)}`);
    const keys = ["lost", ...others.flatMap((other) => ["kept", other]), "kept", "lost"];

    expect(made(10, keys)).toEqual(["lost", "kept", ...others, "lost"]);
  });

  test("keeps nothing of a key that is as long as a stranger likes", () => {
    const long = "x".repeat(5_000);

    expect(made(10, [long, long])).toEqual([long, long]);
  });
});
