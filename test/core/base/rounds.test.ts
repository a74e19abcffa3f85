import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createRounds } from "../../../src/core/base/rounds.ts";

const nextRound = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What began in each round of events. */
async function byRound(sizes: readonly number[]): Promise<readonly (readonly number[])[]> {
  const rounds = createRounds(10);
  const begun: number[][] = [[]];
  const ticking = { isOver: false };
  const tick = (): void => {
    begun.push([]);
    if (!ticking.isOver) {
      setImmediate(tick);
    }
  };
  setImmediate(tick);
  await Promise.all(
    sizes.map(async (size) =>
      rounds.run(size, async () => {
        begun.at(-1)?.push(size);
        return Promise.resolve();
      }),
    ),
  );
  ticking.isOver = true;
  return begun.filter((each) => each.length > 0);
}

describe("run", () => {
  test("begins so much in a round, in order of arrival, and one that is larger alone", async () => {
    expect(await byRound([4, 4, 4, 30, 1])).toEqual([[4, 4], [4], [30], [1]]);
  });

  test("counts what still runs in the rounds after", async () => {
    const rounds = createRounds(10);
    const gate = new AbortController();
    let hasBegun = false;
    const first = rounds.run(10, async () => once(gate.signal, "abort"));
    const second = rounds.run(1, async () => {
      hasBegun = true;
      return Promise.resolve();
    });
    await nextRound();
    await nextRound();
    expect(hasBegun).toBe(false);

    gate.abort();
    await Promise.all([first, second]);
    expect(hasBegun).toBe(true);
  });

  test("goes on after work that failed", async () => {
    const rounds = createRounds(1);
    const failing = rounds.run(1, async () => Promise.reject(new Error("no")));
    const after = rounds.run(1, async () => Promise.resolve("yes"));

    await expect(failing).rejects.toThrow("no");
    expect(await after).toBe("yes");
  });
});
