import { describe, expect, test } from "vitest";
import { remembering } from "../../src/http/remembering.ts";

describe("remembering", () => {
  test("looks once for all who ask within the time, and again after it", async () => {
    let [looks, nowMs] = [0, 0];
    const ask = remembering(
      async () => {
        looks += 1;
        return Promise.resolve(looks);
      },
      { forMs: 500, nowMs: () => nowMs },
    );
    const project = {};

    const found = await Promise.all(Array.from({ length: 50 }, async () => ask(project)));
    nowMs = 499;
    found.push(await ask(project));
    nowMs = 500;

    expect(new Set(found)).toEqual(new Set([1]));
    expect(await ask(project)).toBe(2);
  });

  test("knows one from the other", async () => {
    const ask = remembering(async ({ name }: { readonly name: string }) => Promise.resolve(name), {
      forMs: 500,
    });

    expect([await ask({ name: "a" }), await ask({ name: "b" })]).toEqual(["a", "b"]);
  });
});
