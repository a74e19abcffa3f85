import { describe, expect, test } from "vitest";
import { createRefusals, usualRefusals } from "../../src/http/refusals.ts";
import type { RefusalLimits, Refusals } from "../../src/http/refusals.ts";
import { createHttpStand } from "../support/http-stand.ts";
import { createManualTimer } from "../support/manual-timer.ts";
import type { ManualTimer } from "../support/manual-timer.ts";

interface Crowd {
  readonly timer: ManualTimer;
  readonly ending: AbortController;
  readonly refusals: Refusals;
  /** Turns so many away, and notes when each was told, in milliseconds. */
  refuse(this: void, count: number): void;
  readonly toldMs: readonly number[];
}

function aCrowd(limits: Partial<RefusalLimits> = {}): Crowd {
  const timer = createManualTimer();
  const ending = new AbortController();
  const refusals = createRefusals(
    { perSecond: 100, longestMs: 50, most: 1_000, ...limits },
    { timer, ending: ending.signal },
  );
  const toldMs: number[] = [];
  const refuse = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      void refusals.due().then(() => toldMs.push(timer.nowMs()));
    }
  };
  return { timer, ending, refusals, refuse, toldMs };
}

describe("createRefusals", () => {
  test("tells at once while there are few", async () => {
    const { timer, refuse, toldMs } = aCrowd();

    for (let at = 0; at < 5; at += 1) {
      refuse(1);
      await timer.advance(10);
    }

    expect(toldMs).toEqual([0, 10, 20, 30, 40]);
  });

  test("tells those who come at once one after the other, and none later than it may be", async () => {
    const { timer, refuse, toldMs } = aCrowd();

    refuse(8);
    await timer.advance(1_000);

    expect(toldMs).toEqual([0, 10, 20, 30, 40, 50, 50, 50]);
  });

  test("keeps those who ask again at once from being refused oftener than each may wait", async () => {
    const { timer, refusals } = aCrowd();
    let asked = 0;
    const spin = async (): Promise<void> => {
      while (timer.nowMs() < 1_000) {
        asked += 1;
        await refusals.due();
      }
    };

    const all = Promise.all(Array.from({ length: 40 }, spin));
    await timer.advance(1_100);
    await all;

    // Each of 40 comes back 20 times a second, where nothing kept them before.
    expect(asked).toBeLessThanOrEqual(40 * 22);
  });

  test("holds no more than it may: the others are told at once", async () => {
    const { timer, refuse, toldMs } = aCrowd({ most: 2 });

    refuse(6);
    await timer.advance(0);

    expect(toldMs).toEqual([0, 0, 0, 0]);
    await timer.advance(50);
    expect(toldMs).toHaveLength(6);
  });

  test("makes nobody wait once the server is about to end", async () => {
    const { timer, ending, refuse, toldMs } = aCrowd();
    refuse(4);
    await timer.advance(0);

    ending.abort();
    refuse(4);
    await timer.advance(0);

    expect(toldMs).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(timer.sleepers()).toBe(0);
  });

  test("makes nobody wait for longer than the shortest `Retry-After`", () => {
    expect(usualRefusals.longestMs).toBeLessThanOrEqual(1_000);
  });
});

const slow: RefusalLimits = { perSecond: 1, longestMs: 300, most: 100 };

const shut = {
  running: 64,
  waiting: { keep: 1, take: 1, read: 1 },
  patienceMs: { keep: 1_000, take: 1_000, read: 1_000 },
  sleeping: 0,
  sleepingEach: 0,
  lagMs: { take: -1, read: -1, wait: -1 },
};

/** How long the second of two requests took that are refused one after the other. */
async function secondOf(ask: () => Promise<number>): Promise<readonly [number, number]> {
  await ask();
  const startMs = performance.now();
  const status = await ask();
  return [status, performance.now() - startMs];
}

describe("a server that turns many away", () => {
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  test.each([
    ["a tool over the API", "api/v1/tools/look", { at: "board" }],
    ["a tool over MCP", "mcp", { ...list, method: "tools/call", params: { name: "look" } }],
    ["the greeting of a host", "mcp", list],
  ])("answers late: %s", async (_, path, body) => {
    const stand = await createHttpStand({ limits: shut, refusals: slow });
    try {
      const [status, tookMs] = await secondOf(async () => {
        const headers = { accept: "application/json, text/event-stream" };
        return (await stand.ask(path, { method: "POST", body, headers })).status;
      });

      expect(status).toBe(429);
      expect(tookMs).toBeGreaterThanOrEqual(slow.longestMs - 5);
    } finally {
      await stand.close();
    }
  });

  test("answers late whoever shows no token", async () => {
    const stand = await createHttpStand({ refusals: slow });
    try {
      const [status, tookMs] = await secondOf(
        async () => (await stand.ask("api/v1/events", { headers: { authorization: "" } })).status,
      );

      expect(status).toBe(401);
      expect(tookMs).toBeGreaterThanOrEqual(slow.longestMs - 5);
    } finally {
      await stand.close();
    }
  });
});
