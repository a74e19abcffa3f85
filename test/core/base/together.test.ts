import { setImmediate as soon } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { together } from "../../../src/core/base/together.ts";

async function failSoon(message: string): Promise<never> {
  await soon();
  throw new Error(message);
}

describe("together", () => {
  test("gives the results in the order of the parts, whichever ends first", async () => {
    expect(await together([soon("one"), Promise.resolve(2)])).toEqual(["one", 2]);
  });

  test("tells a failure only when all parts have ended", async () => {
    const ended: string[] = [];
    const slow = soon().then(() => ended.push("slow"));

    await together([Promise.reject(new Error("early")), slow]).catch((error: unknown) => {
      ended.push(String(error));
    });

    expect(ended).toEqual(["slow", "Error: early"]);
  });

  test("tells the first failure in the order of the parts", async () => {
    const all = together([failSoon("first"), Promise.reject(new Error("second"))]);

    await expect(all).rejects.toThrow("first");
  });

  test("waits for nothing where there is nothing", async () => {
    expect(await together([])).toEqual([]);
  });
});
