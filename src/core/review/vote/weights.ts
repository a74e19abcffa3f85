import type { Category } from "../candidate.ts";
import type { Seat } from "../seat.ts";

/** How often a model was right and wrong in one category: what people did with the findings it voted on. */
export interface TrackRecord {
  /** The model's name in `skein.yml`. */
  readonly model: string;
  readonly category: Category;
  readonly right: number;
  readonly wrong: number;
}

/** A weight as it was learned, with what it rests on. */
export interface LearnedWeight {
  /** In thousandths: from half to twice the configured one. */
  readonly weight: number;
  /** In thousandths: 500 when nothing was learned. */
  readonly trust: number;
  readonly right: number;
  readonly wrong: number;
}

/** As many right and wrong ones are believed before the first outcome: it takes ten to move far, so one person's mood does not. */
const prior = 5;

/**
 * Learns a vote's weight (requirement F3): the mean of a Beta posterior, of which the even one leaves the weight as configured.
 *
 * @param configured in thousandths.
 */
export function learnWeight(
  configured: number,
  { right, wrong }: Pick<TrackRecord, "right" | "wrong">,
): LearnedWeight {
  const trust = Math.round((1_000 * (right + prior)) / (right + wrong + 2 * prior));
  const learned = Math.round((configured * trust) / 500);
  return {
    weight: Math.min(configured * 2, Math.max(Math.ceil(configured / 2), learned)),
    trust,
    right,
    wrong,
  };
}

/** Finds what a model's vote weighs in one category. */
export function learnedWeight(
  model: { readonly name: string; readonly weight: number },
  category: Category,
  records: readonly TrackRecord[],
): LearnedWeight {
  const record = records.find((row) => row.model === model.name && row.category === category);
  return learnWeight(model.weight, record ?? { right: 0, wrong: 0 });
}

/**
 * The weights of a panel's seats in one category, by seat: what was learned, and never more than half of the panel's total for one of them.
 */
export function panelWeights(
  seats: readonly Seat[],
  category: Category,
  records: readonly TrackRecord[],
): ReadonlyMap<number, number> {
  const learned = seats.map(({ number, model, weight }) => ({
    number,
    weight: learnedWeight({ name: model.name, weight }, category, records).weight,
  }));
  const total = learned.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(
    learned.map(({ number, weight }) => [
      number,
      learned.length > 1 ? Math.min(weight, total - weight) : weight,
    ]),
  );
}
