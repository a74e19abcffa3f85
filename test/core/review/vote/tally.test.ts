import { describe, expect, test } from "vitest";
import type { Vote } from "../../../../src/core/review/index.ts";
import { tally } from "../../../../src/core/review/vote/tally.ts";
import type { CastVote, Tally, TallyRequest } from "../../../../src/core/review/vote/tally.ts";
import { aCluster, seatsOf } from "../../../support/reviewers.ts";

const mixed = seatsOf(["a", "b", "c", "a"]);

/** Votes by letters from seat 2: c confirm, r reject, a abstain, - none. */
function votes(letters: string): readonly CastVote[] {
  const names: Readonly<Record<string, Vote>> = { c: "confirm", r: "reject", a: "abstain" };
  return letters.split("").flatMap((letter, index) => {
    const vote = names[letter];
    return vote === undefined ? [] : [{ seat: index + 2, vote, reason: "because" }];
  });
}

function count(letters: string, odd: Partial<TallyRequest> = {}): Tally {
  return tally({
    cluster: aCluster([1]),
    seats: mixed,
    votes: votes(letters),
    threshold: 60,
    mode: "vote",
    ...odd,
  });
}

describe("tally", () => {
  test("publishes at 2 of 3 and 60 percent", () => {
    expect(count("ccr")).toMatchObject({ decision: "published", support: 666, hasQuorum: true });
  });

  test("rejects at 1 of 3", () => {
    expect(count("crr")).toMatchObject({ decision: "rejected", support: 333 });
  });

  test("never counts the primary proposer", () => {
    const own = { seat: 1, vote: "confirm", reason: "mine" } as const;
    const result = count("ca-", { votes: [own, ...votes("ca-")] });

    expect(result.decision).toBe("unconfirmed");
    expect(result.ballots.map(({ seat }) => seat)).toEqual([2, 3, 4]);
  });

  test("leaves abstainers out of both halves", () => {
    expect(count("cca")).toMatchObject({ decision: "published", support: 1_000 });
  });

  test("asks for a ballot from outside the proposer's family", () => {
    const seats = seatsOf(["a", "a", "a", "b"]);

    expect(count("cc-", { seats }).decision).toBe("unconfirmed");
    expect(count("c-c", { seats }).decision).toBe("published");
  });

  test("marks what a panel of one family supports", () => {
    const seats = seatsOf(["a", "a", "a", "a"]);

    expect(count("cc-", { seats }).decision).toBe("single-family");
    expect(count("c--", { seats }).decision).toBe("unconfirmed");
  });

  test("counts a rediscovery by another family as a confirm, by its own family as nothing", () => {
    const found = count("---", { cluster: aCluster([1, 2, 3]) });
    const kin = count("---", { cluster: aCluster([1, 4]) });

    expect(found).toMatchObject({ decision: "published", support: 1_000 });
    expect(found.ballots[0]).toMatchObject({ vote: "confirm", isRediscovery: true });
    expect(kin).toMatchObject({ decision: "unconfirmed", support: null });
  });

  test("keeps a rediscovery whose finder abstains later", () => {
    expect(count("aa-", { cluster: aCluster([1, 2, 3]) })).toMatchObject({ support: 1_000 });
  });

  test("lets a finder's own later vote outrank its rediscovery", () => {
    const result = count("rr-", { cluster: aCluster([1, 2, 3]) });

    expect(result).toMatchObject({ decision: "rejected", support: 0 });
    expect(result.ballots[0]).toMatchObject({ vote: "reject", isRediscovery: false });
  });

  test("rejects a tie at 50 percent, and takes more than half", () => {
    expect(count("cr-", { threshold: 50 })).toMatchObject({ decision: "rejected", support: 500 });
    expect(count("ccr", { threshold: 50 }).decision).toBe("published");
  });

  test("takes support that is exactly at another threshold", () => {
    const seats = seatsOf(["a", "b", "c", "d", "e", "f"]);

    expect(count("cccrr", { seats, threshold: 60 }).decision).toBe("published");
  });

  test("publishes nothing without a confirm, whatever the threshold", () => {
    expect(count("rrr", { threshold: 0 }).decision).toBe("rejected");
  });

  test("weighs each ballot by its seat, to the thousandth", () => {
    const heavy = mixed.map((seat) => (seat.number === 2 ? { ...seat, weight: 1_500 } : seat));

    expect(count("crc", { seats: heavy })).toMatchObject({ decision: "published", support: 714 });
    expect(count("rc-", { seats: heavy })).toMatchObject({ decision: "rejected", support: 400 });
  });

  test("lets no single vote block: what one heavy ballot alone confirms is advisory", () => {
    const heavy = mixed.map((seat) => (seat.number === 2 ? { ...seat, weight: 1_500 } : seat));

    expect(count("cr-", { seats: heavy })).toMatchObject({ decision: "advisory", support: 600 });
    expect(count("crr", { seats: heavy, threshold: 40 }).decision).toBe("advisory");
  });

  test("weighs by what was learned", () => {
    expect(count("crr", { weightOf: ({ number }) => (number === 2 ? 2_000 : 1_000) }).support).toBe(
      500,
    );
  });

  test("lets the other of two seats refute: survivors are advisory", () => {
    const refute = { seats: seatsOf(["a", "b"]), mode: "refute" as const, threshold: 50 };

    expect(count("c", refute).decision).toBe("advisory");
    expect(count("r", refute).decision).toBe("rejected");
    expect(count("-", refute).decision).toBe("unconfirmed");
  });

  test("lets no number of confirms, and no single family, publish what seats only refute", () => {
    const refute = { mode: "refute" as const, threshold: 50 };

    expect(count("ccc", refute).decision).toBe("advisory");
    expect(count("ccc", { ...refute, seats: seatsOf(["a", "a", "a", "a"]) }).decision).toBe(
      "advisory",
    );
  });

  test("counts a rediscovery for the family that found it, and a vote for the one that voted", () => {
    const [proposers, seats] = [seatsOf(["a", "b", "a"]), seatsOf(["a", "a", "a"])];
    const failedOver = { cluster: aCluster([1, 2]), proposers, seats };

    expect(count("-c", failedOver).decision).toBe("published");
    expect(count("cc", failedOver).decision).toBe("unconfirmed");
  });
});
