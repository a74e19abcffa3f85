import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { poolCandidates, proposersOf } from "../../../../src/core/review/vote/pool.ts";
import { aCandidate } from "../../../support/reviewers.ts";

const reworded = {
  title: "Last payment is skipped",
  body: "Because of the `- 1` the loop never reaches the last payment.",
  category: "data-loss",
} as const;

describe("poolCandidates", () => {
  test("joins two seats that word and classify one fault differently", () => {
    const clusters = poolCandidates([
      aCandidate(2, { line: 12, endLine: 12, ...reworded }),
      aCandidate(1),
    ]);

    expect(clusters).toHaveLength(1);
    expect(clusters[0]?.primary.id).toBe("1.1");
    expect(clusters[0]?.members.map(({ id }) => id)).toEqual(["1.1", "2.1"]);
  });

  test("joins by symbol what lies far apart", () => {
    expect(poolCandidates([aCandidate(1), aCandidate(2, { line: 90, endLine: 91 })])).toHaveLength(
      1,
    );
  });

  test("keeps apart what lies far apart without a symbol", () => {
    const far = aCandidate(2, { line: 16, endLine: 16, symbol: null });

    expect(poolCandidates([aCandidate(1, { symbol: null }), far])).toHaveLength(2);
  });

  test("keeps apart what lies in two files", () => {
    expect(poolCandidates([aCandidate(1), aCandidate(2, { path: "src/other.ts" })])).toHaveLength(
      2,
    );
  });

  test("keeps two different faults of one line apart", () => {
    const other = aCandidate(2, {
      category: "security",
      title: "User input reaches the shell",
      body: "The name is interpolated into a command.",
      quoted: "exec(`notify ${name}`);",
    });

    expect(poolCandidates([aCandidate(1), other])).toHaveLength(2);
  });

  test("counts a seat that repeats itself once", () => {
    const [cluster] = poolCandidates([aCandidate(1), aCandidate(1, {}, 2), aCandidate(3)]);

    expect(cluster?.members).toHaveLength(3);
    expect(cluster && proposersOf(cluster)).toEqual([1, 3]);
  });

  test("leaves two claims of one seat on one place apart when they differ", () => {
    const second = aCandidate(1, { ...reworded }, 2);

    expect(poolCandidates([aCandidate(1), second])).toHaveLength(2);
  });

  test("makes one cluster with places of the same problem at three places", () => {
    const [cluster, ...others] = poolCandidates(
      ["a.ts", "b.ts", "c.ts"].map((path, index) =>
        aCandidate(1, { path, symbol: null }, index + 1),
      ),
    );

    expect(others).toEqual([]);
    expect(cluster?.places.map(({ path }) => path)).toEqual(["b.ts", "c.ts"]);
  });

  test("loses no candidate, whatever is pooled, in whatever order", () => {
    const claim = fc.record({
      path: fc.constantFrom("a.ts", "b.ts"),
      line: fc.integer({ min: 1, max: 40 }),
      title: fc.constantFrom("Off by one", "Null is dereferenced", "Loop ends early", "", "x"),
      body: fc.string(),
      quoted: fc.constantFrom("", "if (x) {", "return null;"),
      symbol: fc.constantFrom(null, "f", "g"),
    });
    const pool = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), claim), { maxLength: 25 });
    fc.assert(
      fc.property(pool, (entries) => {
        const candidates = entries.map(([seat, odd], index) =>
          aCandidate(seat, { ...odd, endLine: odd.line }, index + 1),
        );
        const clusters = poolCandidates(candidates);
        const pooled = clusters.flatMap(({ members }) => members.map(({ id }) => id));

        expect(new Set(pooled)).toEqual(new Set(candidates.map(({ id }) => id)));
        expect(pooled).toHaveLength(candidates.length);
        for (const { primary, members } of clusters) {
          expect(primary.seat).toBe(Math.min(...members.map(({ seat }) => seat)));
        }
        expect(poolCandidates(candidates.toReversed())).toEqual(clusters);
      }),
      { numRuns: 200 },
    );
  });
});
