import type { Model } from "../../src/core/models/index.ts";
import type { Candidate, Claim, Cluster, Seat } from "../../src/core/review/index.ts";

/** A model that takes everything; give what is odd about it. */
export function aModel(odd: Partial<Model> = {}): Model {
  return {
    name: "opus",
    provider: "claude",
    id: "claude-opus",
    family: "claude",
    size: "medium",
    weight: 1_000,
    takes: {
      temperature: true,
      reasoning: null,
      tokenParameter: "max_tokens",
      thinkingTokens: 0,
      headers: {},
    },
    ...odd,
  };
}

/** Seats from 1, one a family, all of one weight. */
export function seatsOf(families: readonly string[], weight = 1_000): readonly Seat[] {
  return families.map((family, index) => ({
    number: index + 1,
    model: aModel({ name: `${family}-${String(index + 1)}`, family, weight }),
    weight,
  }));
}

const claim: Claim = {
  path: "src/pay.ts",
  line: 10,
  endLine: 10,
  severity: "high",
  category: "correctness",
  title: "Off-by-one skips the last payment",
  body: "The loop ends one element early, so the last payment is never settled.",
  quoted: "for (let i = 0; i < payments.length - 1; i += 1) {",
  symbol: "settle",
  failingInput: "one payment",
};

/** The candidate `seat`.`number` that most tests speak of. */
export function aCandidate(seat: number, odd: Partial<Claim> = {}, number = 1): Candidate {
  return { id: `${String(seat)}.${String(number)}`, seat, claim: { ...claim, ...odd } };
}

/** A cluster that the given seats found. */
export function aCluster(seats: readonly number[], odd: Partial<Claim> = {}): Cluster {
  const members = seats.map((seat) => aCandidate(seat, odd));
  const [primary] = members;
  if (primary === undefined) {
    throw new Error("a cluster needs a seat");
  }
  return { id: "c1", primary, members, places: [] };
}
