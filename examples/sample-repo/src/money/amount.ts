/** An amount of money in the smallest coin of its currency. */
export interface Amount {
  readonly cents: number;
  readonly currency: string;
}

/** Adds two amounts of one currency. */
export function add(one: Amount, other: Amount): Amount {
  if (one.currency !== other.currency) {
    throw new Error(`${one.currency} and ${other.currency} do not add up.`);
  }
  return { cents: one.cents + other.cents, currency: one.currency };
}
