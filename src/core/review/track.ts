import type { Category } from "./candidate.ts";
import type { Finding } from "./finding.ts";
import type { Outcome, TallyBasis } from "./kept.ts";

/** One more right or wrong judgement of a model. */
export interface Judged {
  readonly model: string;
  readonly category: Category;
  readonly isRight: boolean;
}

/**
 * Tells which models judged a finding rightly, after a person resolved or dismissed it: who proposed or confirmed was right when it was
 * resolved, who rejected when it was dismissed. Abstentions are neither. Each seat counts once.
 */
export function judgedBy(
  finding: Finding,
  basis: Pick<TallyBasis, "outcome">,
  outcome: Outcome,
): readonly Judged[] {
  const isTrue = outcome === "resolved";
  const { seats, proposers } = basis.outcome;
  const [primary] = finding.proposers;
  const proposer = proposers.find(({ number }) => number === primary);
  const voted = finding.ballots
    .filter(({ vote }) => vote !== "abstain")
    .flatMap(({ seat, vote }) => {
      const model = seats.find(({ number }) => number === seat)?.model.name;
      return model === undefined ? [] : [{ model, isRight: (vote === "confirm") === isTrue }];
    });
  const all =
    proposer === undefined ? voted : [{ model: proposer.model.name, isRight: isTrue }, ...voted];
  return all.map((judged) => ({ ...judged, category: finding.category }));
}
