/** How many tokens a plan of a size usually takes, all of its work together. A hint: what is capped is money. */
export interface TokenHint {
  readonly tokens: number;
  /** Of these, kept back for what goes wrong. */
  readonly reserve: number;
  /** For one review of one of its steps. */
  readonly review: number;
}

/** What is kept in reserve, in percent. */
const reservePercent = 20;

/** By the most steps that a row is for (requirement A8). */
const rows: readonly (readonly [steps: number, tokens: number, review: number])[] = [
  [5, 10_000, 1_500],
  [15, 30_000, 2_500],
  [50, 100_000, 4_000],
  [Number.POSITIVE_INFINITY, 300_000, 6_000],
];

/** Tells what a plan of so many steps usually takes; nothing for a plan without steps. */
export function tokenHint(steps: number): TokenHint | null {
  const row = rows.find(([most]) => steps <= most);
  if (row === undefined || steps < 1) {
    return null;
  }
  const [, tokens, review] = row;
  return { tokens, review, reserve: (tokens * reservePercent) / 100 };
}
