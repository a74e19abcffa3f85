import { describe, expect, test } from "vitest";

import { usualLimits } from "../../../../src/core/review/index.ts";
import type { SwarmLimits } from "../../../../src/core/review/index.ts";
import { affordSwarm } from "../../../../src/core/review/swarm/affording.ts";
import type { Affordable } from "../../../../src/core/review/swarm/affording.ts";
import { seatsOf } from "../../../support/reviewers.ts";

/** Four seats that read two packs each; an output token costs one, an input token nothing. */
function afford(odd: Partial<SwarmLimits>, room: number | null = null): Affordable {
  return affordSwarm({
    seats: seatsOf(["a", "b", "c", "a"]),
    mode: "vote",
    packTokens: [5_000, 700],
    limits: { ...usualLimits, ...odd },
    costOf: (_, { outputTokens }) => outputTokens,
    room,
  });
}

const usual = 4 * (2 * 1_500 + 40 + 60 * (20 + 5));

/** The worst case of three seats with so many candidates. */
function three(candidates: number): number {
  return 3 * (2 * 1_500 + 40 + 60 * (candidates + 5));
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
