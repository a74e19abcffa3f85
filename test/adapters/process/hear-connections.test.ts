import { describe, expect, test } from "vitest";
import { hearConnections } from "../../../src/adapters/process/hear-connections.ts";

/** How many rounds of events go by while something is waited for. */
async function roundsOf(waiting: Promise<void>): Promise<number> {
  let [rounds, isOver] = [0, false];
  const count = (): void => {
    rounds += 1;
    if (!isOver) {
      setImmediate(count);
    }
  };
  setImmediate(count);
  await waiting;
  isOver = true;
  return rounds;
}

describe("hearConnections", () => {
  test("listens, and not again where it did so a moment ago", async () => {
    expect(await roundsOf(hearConnections(performance.now()))).toBeGreaterThanOrEqual(2);

    expect(await roundsOf(hearConnections(performance.now() - 60_000))).toBe(0);
  });

  test("listens anew after it stood still", async () => {
    await hearConnections(performance.now());
    const endMs = performance.now() + 30;
    while (performance.now() < endMs) {
      // As a process that was stopped by a signal.
    }

    expect(await roundsOf(hearConnections(performance.now() - 20))).toBeGreaterThanOrEqual(2);
  });
});
