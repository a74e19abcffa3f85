import { describe, expect, test } from "vitest";
import { closeAll, closingOnFailure } from "../../../src/core/base/closing.ts";

function closings(seen: string[]): Record<"good" | "bad" | "worse", () => Promise<void>> {
  const end = async (name: string): Promise<void> => {
    seen.push(name);
    return name === "good" ? Promise.resolve() : Promise.reject(new Error(name));
  };
  return {
    good: async () => end("good"),
    bad: async () => end("bad"),
    worse: async () => end("worse"),
  };
}

function failsAtOnce(): never {
  throw new Error("at once");
}

describe("closeAll", () => {
  test("closes all of them, one after the other, and tells the first failure", async () => {
    const seen: string[] = [];
    const { good, bad, worse } = closings(seen);

    await expect(closeAll([good, bad, good, worse, good])).rejects.toThrow("bad");

    expect(seen).toEqual(["good", "bad", "good", "worse", "good"]);
  });

  test("goes on behind one that throws at once", async () => {
    const seen: string[] = [];

    await expect(closeAll([failsAtOnce, closings(seen).good])).rejects.toThrow("at once");

    expect(seen).toEqual(["good"]);
  });

  test("says nothing where all went well", async () => {
    await expect(closeAll([closings([]).good])).resolves.toBeUndefined();
  });
});

describe("closingOnFailure", () => {
  test("closes only where the work fails, and tells what the work said", async () => {
    const seen: string[] = [];
    const { good, bad } = closings(seen);

    expect(await closingOnFailure(good, async () => Promise.resolve(1))).toBe(1);
    const failing = closingOnFailure(bad, async () => Promise.reject(new Error("the work")));

    await expect(failing).rejects.toThrow("the work");
    expect(seen).toEqual(["bad"]);
  });
});
