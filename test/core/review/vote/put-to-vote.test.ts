import { describe, expect, test } from "vitest";

import { putToVote, rankClusters } from "../../../../src/core/review/vote/put-to-vote.ts";
import type { Cluster } from "../../../../src/core/review/index.ts";
import { aCluster } from "../../../support/reviewers.ts";

function found(seats: readonly number[], severity: "critical" | "high" | "low"): Cluster {
  return aCluster(seats, { severity });
}

describe("putToVote", () => {
  test("puts everything to the vote where there is room", () => {
    const clusters = [found([1], "low"), found([2], "critical")];

    expect(putToVote(clusters, 2)).toBe(clusters);
  });

  test("lets no seat crowd out the others with what it calls critical", () => {
    const flood = Array.from({ length: 80 }, () => found([1], "critical"));
    const honest = [found([2], "high"), found([3, 4], "low"), found([2], "low")];

    const chosen = putToVote(rankClusters([...flood, ...honest]), 20);

    expect(chosen).toHaveLength(20);
    expect(chosen).toEqual(expect.arrayContaining(honest));
  });

  test("takes the worst of each seat, in the order of all", () => {
    const ranked = rankClusters([
      found([1], "low"),
      found([1], "high"),
      found([2], "low"),
      found([2], "critical"),
    ]);

    const severities = putToVote(ranked, 2).map(({ primary }) => primary.claim.severity);

    expect(severities).toEqual(["critical", "high"]);
  });

  test("takes of what is equally bad what most seats found", () => {
    const ranked = rankClusters([found([1], "high"), found([2, 3], "high"), found([4], "high")]);

    expect(putToVote(ranked, 1).map(({ primary }) => primary.seat)).toEqual([2]);
  });

  test("takes the worst of all where there are more seats than room", () => {
    const clusters = [1, 2, 3].map((seat) => found([seat], seat === 3 ? "critical" : "low"));

    const [only, ...others] = putToVote(rankClusters(clusters), 1);

    expect(others).toEqual([]);
    expect(only?.primary.seat).toBe(3);
  });
});
