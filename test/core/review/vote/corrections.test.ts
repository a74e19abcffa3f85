import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anchorsOf, findingsOf } from "../../../../src/core/review/findings.ts";
import type { Ballot, Correction, Finding, Severity } from "../../../../src/core/review/index.ts";
import { severities } from "../../../../src/core/review/index.ts";
import type { Anchor } from "../../../../src/core/review/diff/anchor.ts";
import { applyCorrections } from "../../../../src/core/review/vote/corrections.ts";
import type { Corrected } from "../../../../src/core/review/vote/corrections.ts";
import type { CastVote } from "../../../../src/core/review/vote/tally.ts";
import { proposedSeverity, votedSeverity } from "../../../../src/core/review/vote/severity.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { aCandidate, aCluster, seatsOf } from "../../../support/reviewers.ts";

const code = "for (let i = 0; i < payments.length - 1; i += 1) {";
const near = "settleOne(payments[i]);";
const far = "const payments = load(account);";
const files = [
  aFile({
    path: "src/pay.ts",
    hunks: [
      aHunk(9, [" function settle() {", `+  ${code}`, `+    ${near}`, "+  }"]),
      aHunk(80, [`+${far}`, "+const rest = 1;"]),
    ],
  }),
  aFile({ path: "src/other.ts", hunks: [aHunk(1, ["+export const other = 1;"])] }),
];
const seats = seatsOf(["a", "b", "c", "d", "e"]);
const nothing: Correction = { severity: null, title: null, line: null, quoted: null };

type Said = Partial<Correction> | null;

/** Each seat from 2 on confirms, with what it says otherwise. */
function confirming(...said: readonly Said[]): readonly CastVote[] {
  return said.map((correction, index) => ({
    seat: index + 2,
    vote: "confirm",
    reason: "",
    ...(correction === null ? {} : { correction: { ...nothing, ...correction } }),
  }));
}

function findingFor(
  votes: readonly CastVote[],
  odd: Parameters<typeof aCluster>[1] = {},
  panel = seats,
): Finding {
  const clusters = [aCluster([1], { quoted: code, ...odd })];
  const cast = votes.map((vote) => ({ ...vote, cluster: "c1" }));
  const outcome = { clusters, votes: cast, seats: panel, proposers: panel, mode: "vote" as const };
  const [finding] = findingsOf({
    outcome,
    thresholds: { preset: 60, severity: {}, category: {} },
    records: [],
    anchors: anchorsOf(outcome, files),
  });
  if (finding === undefined) {
    throw new Error("a cluster is a finding");
  }
  return finding;
}

describe("applyCorrections", () => {
  test("leaves a finding as it is that nobody corrects", () => {
    expect(findingFor(confirming(null, null))).not.toHaveProperty("original");
  });

  test("moves a finding to near code that one seat quotes, and keeps what was said first", () => {
    const finding = findingFor(confirming({ quoted: near, line: 11 }, null));

    expect(finding).toMatchObject({ line: 11, quoted: near, placement: "line", severity: "high" });
    expect(finding.original).toEqual({
      severity: "high",
      title: "Off-by-one skips the last payment",
      quoted: code,
      line: 10,
      endLine: 10,
    });
  });

  test("moves it farther only when two seats name the same place", () => {
    expect(findingFor(confirming({ quoted: far }, null)).line).toBe(10);
    expect(findingFor(confirming({ quoted: far }, { quoted: "const rest = 1;" })).line).toBe(80);
  });

  test("finds the place that its proposer quoted wrongly", () => {
    const finding = findingFor(confirming({ quoted: far }, null), {
      quoted: "no such code at all",
    });

    expect(finding).toMatchObject({ line: 80, placement: "line" });
  });

  test("takes over no place whose quoted code stands nowhere, or in another file", () => {
    const made = findingFor(confirming({ quoted: "made up by me", title: "Off-by-one skips all" }));
    const other = findingFor(confirming({ quoted: "export const other = 1;" }));

    expect([made.line, made.title]).toEqual([10, "Off-by-one skips the last payment"]);
    expect([other.path, other.line]).toEqual(["src/pay.ts", 10]);
  });

  test("takes over a title that speaks of the same fault, the weightiest seat's", () => {
    const heavy = "The loop skips the last payment";
    const votes = confirming({ title: "Off-by-one in the loop" }, { title: heavy });
    const weighed = seats.map((seat) => (seat.number === 3 ? { ...seat, weight: 1_500 } : seat));

    expect(findingFor(votes).title).toBe("Off-by-one in the loop");
    expect(findingFor(votes, {}, weighed).title).toBe(heavy);
  });

  test("takes over a title without code only where its proposer's code stands in the diff", () => {
    const votes = confirming({ title: "Off-by-one in the loop" });
    const shown = confirming({ title: "Off-by-one in the loop", quoted: near });
    const unseen = { quoted: "no such code at all" };

    expect(findingFor(votes).title).toBe("Off-by-one in the loop");
    expect(findingFor(votes, unseen).title).toBe("Off-by-one skips the last payment");
    expect(findingFor(shown, unseen).title).toBe("Off-by-one in the loop");
  });

  test("takes over no title that speaks of something else", () => {
    expect(findingFor(confirming({ title: "Nothing is wrong here" })).title).toContain(
      "Off-by-one",
    );
  });

  test("listens to no seat that rejects or abstains", () => {
    const correction = { ...nothing, severity: "low" as const, quoted: near };
    const votes = (["reject", "abstain"] as const).map((vote, index) => ({
      seat: index + 2,
      vote,
      reason: "",
      correction,
    }));

    expect(findingFor(votes)).not.toHaveProperty("original");
    const ballots = votes.map((vote) => ({ ...vote, isRediscovery: false }));
    expect(votedSeverity(aCluster([1]), ballots)).toBe("high");
    expect(correctedBy(ballots, "src/pay.ts").original).toBeUndefined();
  });

  test("takes over no place of another file, however many name it", () => {
    const correction = { ...nothing, quoted: near };
    const moved = ballotsOf([null, null]).map((ballot) => ({ ...ballot, correction }));

    expect(correctedBy(moved, "src/pay.ts").anchor.line).toBe(11);
    expect(correctedBy(moved, "src/other.ts").anchor).toMatchObject({
      path: "src/pay.ts",
      line: 10,
    });
  });

  test("changes neither identity nor vote, whatever is said", () => {
    const said = fc.option(
      fc.record({
        severity: fc.option(fc.constantFrom(...severities)),
        title: fc.option(fc.oneof(fc.string(), fc.constant("Off-by-one skips a payment"))),
        line: fc.option(fc.integer({ min: 1, max: 100 })),
        quoted: fc.option(fc.constantFrom(code, near, far, "made up", "")),
      }),
    );
    const vote = fc.constantFrom("confirm", "reject", "abstain");
    fc.assert(
      fc.property(fc.array(fc.tuple(vote, said), { minLength: 4, maxLength: 4 }), (table) => {
        const plain = table.map(([word], index) => ({ seat: index + 2, vote: word, reason: "" }));
        const corrected = plain.map((each, index) => ({
          ...each,
          correction: table[index]?.[1] ?? undefined,
        }));
        const [one, other] = [findingFor(plain), findingFor(corrected)];

        expect([other.fingerprint, other.decision, other.support, other.proposers]).toEqual([
          one.fingerprint,
          one.decision,
          one.support,
          one.proposers,
        ]);
        expect(other.path).toBe(one.path);
        expect(other.placement).toBe("line");
        expect([code, near, far]).toContain(other.quoted);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

function inLine(line: number): Omit<Anchor, "path"> {
  return { line, endLine: line, placement: "line" };
}

/** What becomes of a finding in line 10 where each corrector's code stands in line 11 of a file. */
function correctedBy(ballots: readonly Ballot[], path: string): Corrected {
  return applyCorrections({
    cluster: aCluster([1]),
    ballots,
    weightOf: () => 1_000,
    anchor: { path: "src/pay.ts", ...inLine(10) },
    anchorOf: () => ({ path, ...inLine(11) }),
  });
}

function ballotsOf(said: readonly (Severity | null)[]): readonly Ballot[] {
  return said.map((severity, index) => ({
    seat: index + 2,
    vote: "confirm",
    reason: "",
    isRediscovery: false,
    ...(severity === null ? {} : { correction: { ...nothing, severity } }),
  }));
}

describe("votedSeverity", () => {
  test.each<readonly [Severity, readonly (Severity | null)[], Severity]>([
    ["high", [null, null], "high"],
    ["high", ["low"], "high"],
    ["high", ["low", null], "high"],
    ["high", ["low", "low"], "low"],
    ["critical", ["medium", "low"], "medium"],
    ["medium", ["critical", "critical", null], "medium"],
    ["medium", ["critical", "critical", "high"], "high"],
  ])("of %s and the corrections %j is %s", (severity, said, voted) => {
    expect(votedSeverity(aCluster([1], { severity }), ballotsOf(said))).toBe(voted);
  });

  test("takes of a seat that proposed it twice what it proposed first", () => {
    const members = [
      aCandidate(1, { severity: "critical" }),
      aCandidate(1, { severity: "low" }, 2),
    ];
    const [primary = aCandidate(1)] = members;
    const cluster = { id: "c1", primary, members, places: [] };

    expect([proposedSeverity(cluster), votedSeverity(cluster, [])]).toEqual([
      "critical",
      "critical",
    ]);
  });

  test("without corrections is what the proposers said, whoever confirms", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...severities), { minLength: 1, maxLength: 7 }),
        fc.nat(7),
        (proposed, confirms) => {
          const members = proposed.map((severity, index) => aCandidate(index + 1, { severity }));
          const [primary = aCandidate(1)] = members;
          const cluster = { id: "c1", primary, members, places: [] };
          const silent = Array.from({ length: confirms }, () => null);

          expect(votedSeverity(cluster, ballotsOf(silent))).toBe(proposedSeverity(cluster));
        },
      ),
    );
  });
});
