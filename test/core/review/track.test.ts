import { describe, expect, test } from "vitest";

import type { Ballot } from "../../../src/core/review/index.ts";
import { judgedBy } from "../../../src/core/review/track.ts";
import { aFinding } from "../../support/review.ts";
import { seatsOf } from "../../support/reviewers.ts";

const seats = seatsOf(["a", "a", "b", "c"]);
const outcome = {
  mode: "vote",
  seats,
  proposers: seats,
  clusters: [],
  votes: [],
  isComplete: true,
} as const;
const ballot = (seat: number, vote: Ballot["vote"]): Ballot => ({
  seat,
  vote,
  reason: "",
  isRediscovery: false,
});
const nameOf = (seat: number): string => seats[seat - 1]?.model.name ?? "";

describe("judgedBy", () => {
  test.each([
    ["resolved", [1, 2, 3]],
    ["dismissed", [4]],
  ] as const)(
    "tells who was right when it was %s, a second proposer that has no vote, too",
    (said, right) => {
      const finding = aFinding({
        proposers: [1, 2],
        ballots: [ballot(2, "abstain"), ballot(3, "confirm"), ballot(4, "reject")],
      });
      const judged = judgedBy(finding, { outcome }, said);

      expect(judged).toHaveLength(4);
      expect(judged.filter(({ isRight }) => isRight).map(({ model }) => model)).toEqual(
        right.map(nameOf),
      );
    },
  );

  test("counts a proposer that votes once, by its vote, and nobody that only abstains", () => {
    const finding = aFinding({
      proposers: [1, 2],
      ballots: [ballot(2, "reject"), ballot(3, "abstain"), ballot(4, "abstain")],
    });

    expect(judgedBy(finding, { outcome }, "resolved")).toMatchObject([
      { model: nameOf(1), isRight: true },
      { model: nameOf(2), isRight: false },
    ]);
  });
});
