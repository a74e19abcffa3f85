import { describe, expect, test } from "vitest";
import type { BudgetRoom } from "../../../../src/core/costs/index.ts";
import { usualLimits } from "../../../../src/core/review/limits.ts";
import type { Affordable } from "../../../../src/core/review/swarm/affording.ts";
import { fitSwarm } from "../../../../src/core/review/swarm/fitting.ts";
import { withSheets } from "../../../../src/core/review/swarm/generating.ts";
import type { SheetedRequest } from "../../../../src/core/review/swarm/generating.ts";
import type { SwarmMoney } from "../../../../src/core/review/swarm/request.ts";

const pack = { files: [], tokens: 0, hunks: 0 };

function aRequest(room: BudgetRoom | null, packs = 1): SheetedRequest {
  return withSheets({
    run: "R1",
    seed: "seed",
    panel: { preset: "fast", mode: "vote", threshold: 60, seats: [], notes: [] },
    packing: { packs: Array.from({ length: packs }, () => pack), unseen: [], files: 0, hunks: 0 },
    files: [],
    instructions: "",
    description: "",
    limits: usualLimits,
    room,
    signal: new AbortController().signal,
  });
}

/** What is asked for is all that is left, up to 100; below 10 nothing can be done. */
function fit({ room }: SheetedRequest): Affordable {
  const worst = Math.min(100, room?.microUsd ?? 100);
  return { seats: [], dropped: [], candidates: 5, worst, isEnough: worst >= 10 };
}

interface ScriptedMoney extends SwarmMoney {
  readonly asked: number[];
}

/** Answers with one room after the other; at the end everything is granted. */
function createMoney(...rooms: readonly number[]): ScriptedMoney {
  const asked: number[] = [];
  const left = [...rooms];
  return {
    asked,
    setAside: async (_run, microUsd) => {
      asked.push(microUsd);
      const room = left.shift();
      return room === undefined ? null : { of: "day:2026-01-01", microUsd: room };
    },
    letGo: async () => {},
  };
}

describe("fitSwarm", () => {
  test("sets the worst case of all phases aside", async () => {
    const money = createMoney();

    const { afford } = await fitSwarm(money, aRequest({ of: "pr:7", microUsd: 80 }), fit);

    expect(money.asked).toEqual([80]);
    expect(afford.worst).toBe(80);
  });

  test("tries less where others were quicker, and tells whose budget is short", async () => {
    const money = createMoney(60, 40);

    const { request, afford } = await fitSwarm(money, aRequest({ of: "pr:7", microUsd: 80 }), fit);

    expect(money.asked).toEqual([80, 60, 40]);
    expect(afford.worst).toBe(40);
    expect(request.room).toEqual({ of: "day:2026-01-01", microUsd: 40 });
  });

  test("asks for nothing where the smallest swarm does not fit any more", async () => {
    const money = createMoney(5);

    const { afford } = await fitSwarm(money, aRequest({ of: "pr:7", microUsd: 80 }), fit);

    expect(money.asked).toEqual([80]);
    expect(afford.isEnough).toBe(false);
  });

  test("gives up where others are quicker every time", async () => {
    const money = createMoney(...Array.from({ length: 30 }, () => 50));

    const { afford } = await fitSwarm(money, aRequest({ of: "pr:7", microUsd: 80 }), fit);

    expect(money.asked.length).toBeLessThanOrEqual(10);
    expect(afford.isEnough).toBe(false);
  });

  test("sets nothing aside where no budget applies or there is nothing to read", async () => {
    const money = createMoney();

    await fitSwarm(money, aRequest(null), fit);
    await fitSwarm(money, aRequest({ of: "pr:7", microUsd: 80 }, 0), fit);

    expect(money.asked).toEqual([]);
  });
});
