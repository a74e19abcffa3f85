import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tellingLongLine } from "../../../src/core/store/index.ts";
import type { Store } from "../../../src/core/store/index.ts";
import { openMemoryStore } from "../../support/stores.ts";

let told: string[] = [];
/** Ends those that write. */
let ends: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  [told, ends] = [[], []];
});

afterEach(() => {
  vi.useRealTimers();
});

/** A store with ten places, whose writers stay until `leave`. */
async function aLine(): Promise<Store> {
  const { store } = await openMemoryStore({ migrations: [] });
  const staying: Store = {
    ...store,
    load: () => ({ queued: ends.length, limit: 10, waits: 0, crowds: 0 }),
    write: async () =>
      new Promise((_, reject) => {
        ends.push(() => {
          reject(new Error("left"));
        });
      }),
  };
  return tellingLongLine(staying, (sentence) => told.push(sentence));
}

async function come(line: Store, count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    line.write(async () => null).catch(() => undefined);
  }
}

function leave(count: number): void {
  for (const end of ends.splice(0, count)) {
    end();
  }
}

describe("a long line of writers", () => {
  test("is told once from 80 % of its places on, and no sooner", async () => {
    const line = await aLine();

    await come(line, 7);
    expect(told).toEqual([]);

    await come(line, 3);
    expect(told).toEqual([
      "The line of writers is long: 8 of 10 places in this process are taken. When all are, writes are refused (SKN-7102).",
    ]);
  });

  test("is told again when it was half as long in between, once a minute at most", async () => {
    const line = await aLine();
    await come(line, 8);

    vi.advanceTimersByTime(60_000);

    // Six of ten are more than half: it is the same line still.
    leave(3);
    await come(line, 3);
    expect(told).toHaveLength(1);

    leave(4);
    await come(line, 1);
    await come(line, 4);
    expect(told).toHaveLength(2);

    leave(6);
    await come(line, 6);
    expect(told).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    await come(line, 1);
    expect(told).toHaveLength(3);
  });

  test("costs nothing where nobody is told", async () => {
    const { store } = await openMemoryStore({ migrations: [] });

    expect(tellingLongLine(store, undefined)).toBe(store);
  });
});
