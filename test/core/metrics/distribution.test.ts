import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createDistribution,
  distributionOf,
  emptyDistribution,
  meanOf,
  mergeDistributions,
  percentileOf,
  relativeError,
} from "../../../src/core/metrics/index.ts";
import type { Distribution } from "../../../src/core/metrics/index.ts";
import { slotsOf, slotsText } from "../../../src/core/metrics/distribution.ts";

/** From nothing to three weeks in microseconds, small ones as often as large ones. */
const value = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
  .map(([power, part]) => Math.floor(part * 2 ** power));
const values = fc.array(value, { minLength: 1, maxLength: 200 });
const share = fc.constantFrom(0.01, 0.5, 0.9, 0.95, 0.99, 1);

function exactPercentile(all: readonly number[], at: number): number {
  const sorted = all.toSorted((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil(at * sorted.length)) - 1] ?? Number.NaN;
}

/** What a store would give back. */
function storedAndRead(kept: Distribution): Distribution {
  return { ...kept, slots: slotsOf(slotsText(kept.slots)) };
}

describe("percentileOf", () => {
  test("is at most the stated error away from the exact percentile, also when merged from parts that were stored", () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), share, (parts, at) => {
        const merged = mergeDistributions(parts.map((part) => storedAndRead(distributionOf(part))));
        const told = percentileOf(merged, at) ?? Number.NaN;
        const exact = exactPercentile(parts.flat(), at);

        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * relativeError * (1 + 1e-9));
      }),
      { numRuns: 500 },
    );
  });

  test("never leaves what was seen", () => {
    const seen = distributionOf([1_000_003, 1_000_003]);

    expect([0.5, 0.99].map((at) => percentileOf(seen, at))).toEqual([1_000_003, 1_000_003]);
    expect(percentileOf(distributionOf([1_000, 1_000, 1_000]), 0.5)).toBe(1_000);
  });

  test("knows no percentile of nothing", () => {
    expect(percentileOf(emptyDistribution, 0.5)).toBeNull();
    expect(meanOf(emptyDistribution)).toBeNull();
  });

  test("errs by 2.2 %", () => {
    expect(relativeError).toBeCloseTo(0.0217, 4);
  });
});

describe("mergeDistributions", () => {
  test("is the distribution of all values, in whatever order the parts come", () => {
    fc.assert(
      fc.property(values, values, values, (one, two, three) => {
        const parts = [one, two, three].map(distributionOf);
        const whole = distributionOf([...one, ...two, ...three]);

        const merged = mergeDistributions(parts.toReversed());

        expect({ ...merged, slots: slotsText(merged.slots) }).toEqual({
          ...whole,
          slots: slotsText(whole.slots),
        });
      }),
    );
  });

  test("of nothing is nothing", () => {
    expect(mergeDistributions([emptyDistribution])).toEqual(emptyDistribution);
  });
});

describe("createDistribution", () => {
  test("counts whole numbers of at least 0, and passes over what is no number", () => {
    const growing = createDistribution();
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -3, 2.6]) {
      growing.add(odd, 1);
    }

    expect(growing.read()).toMatchObject({ count: 2, total: 3, least: 0, most: 3 });
  });
});

describe("slotsOf", () => {
  test("passes over what is no slot", () => {
    expect([...slotsOf("1:2 x 3: :4 5:6junk 7:8")]).toEqual([
      [1, 2],
      [7, 8],
    ]);
  });
});
