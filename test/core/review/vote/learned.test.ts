import { describe, expect, test } from "vitest";
import { anchorsOf, findingsOf } from "../../../../src/core/review/findings.ts";
import type { Finding } from "../../../../src/core/review/index.ts";
import type { CastVote } from "../../../../src/core/review/vote/tally.ts";
import type { TrackRecord } from "../../../../src/core/review/vote/weights.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { aCluster, seatsOf } from "../../../support/reviewers.ts";

const code = "for (let i = 0; i < payments.length - 1; i += 1) {";
const files = [aFile({ path: "src/pay.ts", hunks: [aHunk(10, [`+${code}`])] })];
const seats = seatsOf(["a", "b", "c", "d"]);

/** Seats 2 and 3 confirm and say the title in words of their own, seat 4 rejects. */
const votes: readonly CastVote[] = [
  said(2, "Off-by-one loses the last payment"),
  said(3, "The last payment is skipped by an off-by-one"),
  { seat: 4, vote: "reject", reason: "" },
];

function said(seat: number, title: string): CastVote {
  const correction = { severity: null, title, line: null, quoted: null };
  return { seat, vote: "confirm", reason: "", correction };
}

function findingBy(records: readonly TrackRecord[]): Finding | undefined {
  const clusters = [aCluster([1], { quoted: code })];
  const cast = votes.map((vote) => ({ ...vote, cluster: "c1" }));
  const outcome = { clusters, votes: cast, seats, proposers: seats, mode: "vote" as const };
  return findingsOf({
    outcome,
    thresholds: { preset: 60, severity: {}, category: {} },
    records,
    anchors: anchorsOf(outcome, files),
  })[0];
}

function record(model: string, odd: Partial<TrackRecord>): TrackRecord {
  return { model, category: "correctness", right: 0, wrong: 0, ...odd };
}

describe("a vote with what was learned of its models", () => {
  test("weighs them alike where nothing was learned", () => {
    expect(findingBy([])).toMatchObject({ support: 666, decision: "published" });
  });

  test("rejects what those confirm who were mostly wrong in its category", () => {
    const wrong = ["b-2", "c-3"].map((model) => record(model, { wrong: 40 }));

    expect(findingBy(wrong)).toMatchObject({ support: 500, decision: "rejected" });
    expect(findingBy(wrong.map((each) => ({ ...each, category: "security" })))).toMatchObject({
      support: 666,
    });
  });

  test("publishes what one rejects who was mostly wrong, with more support", () => {
    const finding = findingBy([record("d-4", { wrong: 40 })]);

    expect(finding).toMatchObject({ support: 800, decision: "published" });
  });

  test("takes the words of whoever was right more often", () => {
    expect(findingBy([])?.title).toBe("Off-by-one loses the last payment");
    expect(findingBy([record("c-3", { right: 40 })])?.title).toBe(
      "The last payment is skipped by an off-by-one",
    );
  });
});
