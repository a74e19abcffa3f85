/** The four places of a mixed panel: one share each, the medium one over two models. */
export const slots = ["large", "medium-a", "medium-b", "small"] as const;
export type Slot = (typeof slots)[number];

/** Of five equal parts: 20 % large, 40 % and 20 % medium, 20 % small. */
const parts: Readonly<Record<Slot, number>> = { large: 1, "medium-a": 2, "medium-b": 1, small: 1 };
const whole = 5;

/**
 * Shares out the seats of a panel by largest remainder (requirement A2): 10 seats are 2, 4, 2 and 2.
 *
 * Equal remainders go to large first, then medium-a, medium-b, small. All in whole fifths, so nothing is rounded.
 */
export function mixOf(seats: number): Readonly<Record<Slot, number>> {
  const shares = slots.map((slot, order) => {
    const fifths = seats * parts[slot];
    return { slot, order, count: Math.floor(fifths / whole), rest: fifths % whole };
  });
  const left = seats - shares.reduce((sum, { count }) => sum + count, 0);
  const lucky = new Set(
    shares
      .toSorted((a, b) => b.rest - a.rest || a.order - b.order)
      .slice(0, left)
      .map(({ slot }) => slot),
  );
  const count = (slot: Slot): number =>
    (shares.find((share) => share.slot === slot)?.count ?? 0) + (lucky.has(slot) ? 1 : 0);
  return {
    large: count("large"),
    "medium-a": count("medium-a"),
    "medium-b": count("medium-b"),
    small: count("small"),
  };
}
