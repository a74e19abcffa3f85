import { describe, expect, test } from "vitest";
import { ensureWanted } from "../../src/mcp/index.ts";

/** Rounds of events that go by meanwhile. Each is as long as a busy server's. */
async function roundsOf(waiting: Promise<unknown>): Promise<number> {
  let [rounds, isOver] = [0, false];
  const count = (): void => {
    rounds += 1;
    standStill(15);
    if (!isOver) {
      setImmediate(count);
    }
  };
  setImmediate(count);
  await waiting;
  isOver = true;
  return rounds;
}

function standStill(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) {
    // As a process with much to do.
  }
}

describe("ensureWanted", () => {
  const { signal } = new AbortController();

  test("listens once for all who write under one lock, however long its rounds of events are", async () => {
    const lockedAtMs = performance.now();
    const first = await roundsOf(ensureWanted(signal, lockedAtMs));
    standStill(15);

    const others = await roundsOf(
      (async () => {
        for (let at = 0; at < 64; at += 1) {
          await ensureWanted(signal, lockedAtMs);
        }
      })(),
    );

    expect(first).toBeGreaterThanOrEqual(2);
    expect(others).toBe(0);
  });

  test("listens anew under the next lock, and refuses a call that was given up meanwhile", async () => {
    await ensureWanted(signal, performance.now());
    standStill(15);

    expect(await roundsOf(ensureWanted(signal, performance.now()))).toBeGreaterThanOrEqual(2);
    await expect(ensureWanted(AbortSignal.abort(), performance.now())).rejects.toMatchObject({
      code: "SKN-7922",
    });
  });
});
