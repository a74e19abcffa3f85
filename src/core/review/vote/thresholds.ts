import type { Category, Severity } from "../candidate.ts";
import { supports } from "./tally.ts";

/** What support a finding needs, in percent: the category's threshold, else the severity's, else the preset's. */
export interface Thresholds {
  readonly preset: number;
  readonly severity: Readonly<Partial<Record<Severity, number>>>;
  readonly category: Readonly<Partial<Record<Category, number>>>;
}

export function thresholdFor(
  thresholds: Thresholds,
  { severity, category }: { readonly severity: Severity; readonly category: Category },
): number {
  return thresholds.category[category] ?? thresholds.severity[severity] ?? thresholds.preset;
}

/**
 * Says a threshold in votes, when all of the given weights vote: `60 % of 3 equal votes = 2 of 3`.
 *
 * With unequal weights it depends on who confirms: `60 % of 5 weighted votes = 2 to 4 of 5`.
 */
export function ruleInWords(threshold: number, weights: readonly number[]): string {
  const votes = String(weights.length);
  const least = confirmsNeeded(
    threshold,
    weights.toSorted((a, b) => b - a),
  );
  const most = confirmsNeeded(
    threshold,
    weights.toSorted((a, b) => a - b),
  );
  const isEqual = new Set(weights).size <= 1;
  const range = least === most ? String(least) : `${String(least)} to ${String(most)}`;
  const noun = weights.length === 1 ? "vote" : "votes";
  return `${String(threshold)} % of ${votes} ${isEqual ? "equal" : "weighted"} ${noun} = ${range} of ${votes}`;
}

/** The rule of a whole panel: the preset's threshold, then those that differ from it. */
export function effectiveRule(thresholds: Thresholds, panel: readonly number[]): string {
  const voters = votersOf(panel);
  const special = [...Object.entries(thresholds.severity), ...Object.entries(thresholds.category)]
    .filter(([, percent]) => percent !== thresholds.preset)
    .map(([name, percent]) => `${name}: ${ruleInWords(percent, voters)}`);
  return [ruleInWords(thresholds.preset, voters), ...special].join("; ");
}

/**
 * Warns of thresholds that are written differently and decide alike for this panel, when every seat votes.
 *
 * @param panel the weights of all seats, in thousandths.
 */
export function sameThresholds(
  thresholds: Thresholds,
  panel: readonly number[],
): readonly string[] {
  const percents = [
    ...new Set([
      thresholds.preset,
      ...Object.values(thresholds.severity),
      ...Object.values(thresholds.category),
    ]),
  ].toSorted((a, b) => a - b);
  const proposers = panel.filter((weight, seat) => panel.indexOf(weight) === seat);
  const sets = proposers.map((weight) => reachable(panel.toSpliced(panel.indexOf(weight), 1)));
  return percents.slice(1).flatMap((percent, index) => {
    const lower = percents[index] ?? percent;
    const differs = sets.some(({ total, sums }) =>
      sums.some((sum) => supports(sum, total, lower) !== supports(sum, total, percent)),
    );
    return differs || panel.length < 2
      ? []
      : [
          `${String(lower)} % and ${String(percent)} % decide alike here: ${ruleInWords(percent, votersOf(panel))}.`,
        ];
  });
}

/** Those that vote when the first seat proposes. */
function votersOf(panel: readonly number[]): readonly number[] {
  return panel.slice(1);
}

function confirmsNeeded(threshold: number, inOrder: readonly number[]): number {
  const total = inOrder.reduce((sum, weight) => sum + weight, 0);
  let confirm = 0;
  for (const [index, weight] of inOrder.entries()) {
    confirm += weight;
    if (supports(confirm, total, threshold)) {
      return index + 1;
    }
  }
  return inOrder.length;
}

/** All weights that some of the voters can put together. */
function reachable(weights: readonly number[]): {
  readonly total: number;
  readonly sums: readonly number[];
} {
  const sums = new Set([0]);
  for (const weight of weights) {
    for (const sum of Array.from(sums, (known) => known + weight)) {
      sums.add(sum);
    }
  }
  return { total: weights.reduce((sum, weight) => sum + weight, 0), sums: [...sums] };
}
