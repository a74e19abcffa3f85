import { describe, expect, test } from "vitest";

import { usualLimits } from "../../../../src/core/review/index.ts";
import type { SwarmLimits } from "../../../../src/core/review/index.ts";
import { affordSwarm } from "../../../../src/core/review/swarm/affording.ts";
import type {
  AffordRequest,
  Affordable,
  CostOf,
} from "../../../../src/core/review/swarm/affording.ts";
import { aModel, seatsOf } from "../../../support/reviewers.ts";

/** Four seats that read two packs each; an output token costs one, an input token nothing. */
function afford(
  limits: Partial<SwarmLimits>,
  room: number | null = null,
  odd: Partial<AffordRequest> = {},
): Affordable {
  return affordSwarm({
    seats: seatsOf(["a", "b", "c", "a"]),
    mode: "vote",
    packTokens: [5_000, 700],
    limits: { ...usualLimits, ...limits },
    costOf: (_, { outputTokens }) => outputTokens,
    room,
    ...odd,
  });
}

const usual = 4 * (2 * 1_500 + 40 + 60 * (20 + 5));

/** The worst case of three seats with so many candidates. */
function three(candidates: number): number {
  return 3 * (2 * 1_500 + 40 + 60 * (candidates + 5));
}

/** Output alone costs something, and one model's a little more. */
function dearer(name: string): CostOf {
  return (model, { outputTokens }) => outputTokens + (model.name === name ? 1 : 0);
}

function droppedOf(costOf: CostOf): readonly number[] {
  return afford({}, 1, { costOf }).dropped.map(({ number }) => number);
}

describe("affordSwarm", () => {
  test.each([
    [{}, usual],
    [{ generateTokens: 3_000 }, usual + 4 * 2 * 1_500],
    [{ ballotTokens: 100 }, usual + 4 * 40 * (20 + 5)],
    [{ candidates: 21 }, usual + 4 * 60],
    [{ candidates: 3 }, 4 * (2 * 1_500 + 40 + 60 * (3 + 3))],
  ])("counts the limits %o in its worst case", (odd, worst) => {
    expect(afford(odd)).toMatchObject({ worst, isEnough: true, dropped: [] });
  });

  test("counts what a model thinks on top of each answer", () => {
    const takes = { ...aModel().takes, thinkingTokens: 4_096 };
    const [first, ...others] = seatsOf(["a", "b", "c", "a"]);
    const thinking = first === undefined ? [] : [{ ...first, model: { ...first.model, takes } }];

    expect(afford({}, null, { seats: [...thinking, ...others] }).worst).toBe(usual + 3 * 4_096);
  });

  test.each(["inputTokens", "cacheWriteTokens", "cacheReadTokens"] as const)(
    "counts a prompt as what is dearest of it: %s",
    (dearest) => {
      const costOf: CostOf = (_, usage) =>
        usage.inputTokens + usage.cacheWriteTokens + usage.cacheReadTokens + usage[dearest];
      const prompts = 5_000 + 700 + (900 + 20 * 900);

      expect(afford({}, null, { costOf }).worst).toBe(4 * 2 * prompts);
    },
  );

  test("gives up of the largest family the dearest seat, of equally dear ones the last", () => {
    expect(droppedOf(dearer("b-2"))).toEqual([4]);
    expect(droppedOf(dearer("a-1"))).toEqual([1]);
  });

  test("keeps three seats that vote, and two that refute each other", () => {
    expect(afford({}, 1, { mode: "vote" }).seats).toHaveLength(3);
    expect(afford({}, 1, { mode: "refute" }).seats).toHaveLength(2);
  });

  test("gives up a seat for a token more than the budget holds", () => {
    expect(afford({}, usual).dropped).toEqual([]);
    expect(afford({ generateTokens: 1_501 }, usual).dropped).toMatchObject([{ number: 4 }]);
  });

  test("gives up candidates after seats, from as many as the limits say down to five", () => {
    expect(afford({ candidates: 30 }, three(30))).toMatchObject({ candidates: 30, isEnough: true });
    expect(afford({ candidates: 30 }, three(29))).toMatchObject({ candidates: 29, isEnough: true });
    expect(afford({ candidates: 30 }, three(5))).toMatchObject({ candidates: 5, isEnough: true });
    expect(afford({}, three(5) - 1)).toMatchObject({ candidates: 5, isEnough: false });
  });

  test("never puts more to the vote than the limits say, also below five", () => {
    expect(afford({ candidates: 3 }, 10)).toMatchObject({ candidates: 3, isEnough: false });
  });
});
