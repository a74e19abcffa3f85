import type { Category } from "./candidate.ts";
import type { Finding } from "./finding.ts";
import type { Outcome, TallyBasis } from "./kept.ts";
import type { Seat } from "./seat.ts";

/** One more right or wrong judgement of a model. */
export interface Judged {
  readonly model: string;
  readonly category: Category;
  readonly isRight: boolean;
}

/**
 * Tells which models judged a finding rightly, after a person resolved or dismissed it: who proposed or confirmed was right when it was
 * resolved, who rejected when it was dismissed. A vote outranks what its seat proposed, and abstentions are neither. Each seat counts once.
 */
export function judgedBy(
  finding: Finding,
  basis: Pick<TallyBasis, "outcome">,
  outcome: Outcome,
): readonly Judged[] {
  const { seats, proposers } = basis.outcome;
  const cast = finding.ballots.filter(({ vote }) => vote !== "abstain");
  const voted = new Set(cast.map(({ seat }) => seat));
  const said = [
    ...finding.proposers
      .filter((seat) => !voted.has(seat))
      .map((seat) => ({ model: modelOf(proposers, seat), isConfirmed: true })),
    ...cast.map(({ seat, vote }) => ({
      model: modelOf(seats, seat),
      isConfirmed: vote === "confirm",
    })),
  ];
  return said.flatMap(({ model, isConfirmed }) =>
    model === null
      ? []
      : [
          {
            model,
            category: finding.category,
            isRight: isConfirmed === (outcome === "resolved"),
          },
        ],
  );
}

function modelOf(seats: readonly Seat[], seat: number): string | null {
  return seats.find(({ number }) => number === seat)?.model.name ?? null;
}
