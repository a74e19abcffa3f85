import { describe, expect, test } from "vitest";
import { billed } from "../../../src/core/review/billing.ts";
import type { SeatReport } from "../../../src/core/review/index.ts";

const cost = { microUsd: 7, inputTokens: 1, outputTokens: 1, savedMicroUsd: 3 };

function aReport(seat: number): SeatReport {
  return {
    seat,
    model: "big",
    family: "claude",
    weight: 1_000,
    calls: 2,
    microUsd: 4,
    error: null,
  };
}

describe("billed", () => {
  test("takes calls and money of each seat from the ledger, and sums them up", () => {
    const bills = [
      { seat: 1, calls: 3, microUsd: 50, inputTokens: 10, outputTokens: 2 },
      { seat: 2, calls: 1, microUsd: 1, inputTokens: 5, outputTokens: 1 },
    ];
    const { seats, cost: total } = billed({ seats: [aReport(1), aReport(2)], cost }, bills);

    expect(seats.map(({ calls, microUsd }) => [calls, microUsd])).toEqual([
      [3, 50],
      [1, 1],
    ]);
    expect(total).toEqual({
      microUsd: 51,
      inputTokens: 15,
      outputTokens: 3,
      savedMicroUsd: cost.savedMicroUsd,
    });
  });

  test("says nothing was paid for a seat of which the ledger knows nothing", () => {
    const { seats, cost: total } = billed({ seats: [aReport(1)], cost }, []);

    expect(seats[0]).toMatchObject({ calls: 0, microUsd: 0 });
    expect(total).toEqual({ microUsd: 0, inputTokens: 0, outputTokens: 0, savedMicroUsd: 3 });
  });

  test("leaves the swarm's own figures where nobody counts", () => {
    const before = { seats: [aReport(1)], cost };

    expect(billed(before, null)).toEqual(before);
  });
});
