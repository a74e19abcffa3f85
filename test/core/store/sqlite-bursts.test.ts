import { describe, expect, test } from "vitest";
import { createBurst } from "../../../src/core/store/dialects/sqlite-bursts.ts";
import type { Burst } from "../../../src/core/store/dialects/sqlite-bursts.ts";

/** A burst whose clock is turned, and a count of the processes it called. */
interface Scene {
  readonly burst: Burst;
  readonly called: () => number;
  readonly set: (state: { readonly more: boolean; readonly nowMs: number }) => void;
}

function aScene(): Scene {
  let state = { more: false, nowMs: 0 };
  let called = 0;
  const burst = createBurst({
    turns: {
      callNext: () => {
        called += 1;
      },
    },
    isMoreHere: () => state.more,
    nowMs: () => state.nowMs,
  });
  return {
    burst,
    called: () => called,
    set: (next) => {
      state = next;
    },
  };
}

describe("createBurst", () => {
  test("calls the next process when no other writer waits here", () => {
    const { burst, called } = aScene();

    burst.end();

    expect(called()).toBe(1);
    expect(burst.isRunning()).toBe(false);
  });

  test("goes on while another writer waits here, and calls when the last is done", () => {
    const { burst, called, set } = aScene();
    set({ more: true, nowMs: 0 });

    burst.end();

    expect(burst.isRunning()).toBe(true);
    expect(called()).toBe(0);

    set({ more: false, nowMs: 1 });
    burst.end();

    expect(burst.isRunning()).toBe(false);
    expect(called()).toBe(1);
  });

  test("lets others go first after 4 ms, whoever waits here", () => {
    const { burst, called, set } = aScene();
    set({ more: true, nowMs: 100 });
    burst.end();
    set({ more: true, nowMs: 103 });
    burst.end();

    expect(called()).toBe(0);

    set({ more: true, nowMs: 104 });
    burst.end();

    expect(called()).toBe(1);
    expect(burst.isRunning()).toBe(false);
  });
});
