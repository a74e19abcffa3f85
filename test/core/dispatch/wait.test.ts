import { describe, expect, test } from "vitest";
import { longestWaitMs, tryUntil } from "../../../src/core/dispatch/wait.ts";
import type { WaitDeps } from "../../../src/core/dispatch/wait.ts";

/** A timer whose sleeps pass at once, and a bell that the test rings. */
function aBell(): WaitDeps & { ring: () => void; slept: number[]; watchers: () => number } {
  let nowMs = 0;
  const listeners = new Set<() => void>();
  const slept: number[] = [];
  return {
    slept,
    ring: () => {
      for (const listener of listeners) {
        listener();
      }
    },
    watchers: () => listeners.size,
    timer: {
      nowMs: () => nowMs,
      sleep: (ms, signal) => {
        const passed = signal?.aborted === true ? 0 : ms;
        slept.push(passed);
        nowMs += passed;
        return Promise.resolve();
      },
    },
    watch: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

describe("tryUntil", () => {
  test("tries once and does not watch when it may not wait", async () => {
    const bell = aBell();
    let tries = 0;

    const value = await tryUntil(bell, { waitMs: 0, signal: null }, () => {
      tries += 1;
      return Promise.resolve({ isFinal: false, value: "nothing", againInMs: null });
    });

    expect([value, tries, bell.watchers()]).toEqual(["nothing", 1, 0]);
  });

  test("gives the last answer when the time is up, and stops watching", async () => {
    const bell = aBell();
    let tries = 0;

    const value = await tryUntil(bell, { waitMs: 2_500, signal: null }, () => {
      tries += 1;
      return Promise.resolve({ isFinal: false, value: tries, againInMs: null });
    });

    expect(value).toBe(4);
    expect(bell.slept).toEqual([1_000, 1_000, 500]);
    expect(bell.watchers()).toBe(0);
  });

  test("looks again at once after a ring that came while it was trying", async () => {
    const bell = aBell();
    let tries = 0;

    await tryUntil(bell, { waitMs: 5_000, signal: null }, () => {
      tries += 1;
      if (tries === 2) {
        bell.ring();
      }
      return Promise.resolve({ isFinal: tries === 3, value: tries, againInMs: null });
    });

    expect(bell.slept).toEqual([1_000]);
  });

  test("looks again when something is due before the usual second", async () => {
    const bell = aBell();
    let tries = 0;

    await tryUntil(bell, { waitMs: 5_000, signal: null }, () => {
      tries += 1;
      return Promise.resolve({ isFinal: tries === 2, value: tries, againInMs: 40 });
    });

    expect(bell.slept).toEqual([40]);
  });

  test("ends early when the caller goes away", async () => {
    const bell = aBell();
    const caller = new AbortController();
    let tries = 0;

    await tryUntil(bell, { waitMs: 40_000, signal: caller.signal }, () => {
      tries += 1;
      caller.abort();
      return Promise.resolve({ isFinal: false, value: tries, againInMs: null });
    });

    expect(tries).toBe(1);
  });

  test("tries no more for a caller that went away while it waited", async () => {
    const bell = aBell();
    const caller = new AbortController();
    const sleep = async (): Promise<void> => {
      caller.abort();
      return Promise.resolve();
    };
    let tries = 0;

    const value = await tryUntil(
      { ...bell, timer: { ...bell.timer, sleep } },
      { waitMs: 40_000, signal: caller.signal },
      () => {
        tries += 1;
        return Promise.resolve({ isFinal: tries > 1, value: tries, againInMs: null });
      },
    );

    expect([value, tries, bell.watchers()]).toEqual([1, 1, 0]);
  });

  test("never waits longer than hosts wait for it", async () => {
    const bell = aBell();

    await tryUntil(bell, { waitMs: 3_600_000, signal: null }, () =>
      Promise.resolve({ isFinal: false, value: null, againInMs: null }),
    );

    expect(bell.slept.reduce((sum, ms) => sum + ms, 0)).toBe(longestWaitMs);
  });
});
