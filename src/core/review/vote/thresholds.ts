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
  return inWords(threshold, [weights]);
}

/** The rule of a whole panel, whichever of its seats proposes: the preset's threshold, then those that differ from it. */
export function effectiveRule(thresholds: Thresholds, panel: readonly number[]): string {
  const special = [...Object.entries(thresholds.severity), ...Object.entries(thresholds.category)]
    .filter(([, percent]) => percent !== thresholds.preset)
    .map(([name, percent]) => `${name}: ${inWords(percent, votersOf(panel))}`);
  return [inWords(thresholds.preset, votersOf(panel)), ...special].join("; ");
}

/** @param electorates as many voters each; who votes depends on who proposes. */
function inWords(threshold: number, electorates: readonly (readonly number[])[]): string {
  const count = electorates[0]?.length ?? 0;
  const needed = electorates.flatMap((weights) => [
    confirmsNeeded(
      threshold,
      weights.toSorted((a, b) => b - a),
    ),
    confirmsNeeded(
      threshold,
      weights.toSorted((a, b) => a - b),
    ),
  ]);
  const [least, most] = [Math.min(...needed), Math.max(...needed)];
  const isEqual = electorates.every((weights) => new Set(weights).size <= 1);
  const range = least === most ? String(least) : `${String(least)} to ${String(most)}`;
  const noun = count === 1 ? "vote" : "votes";
  return `${String(threshold)} % of ${String(count)} ${isEqual ? "equal" : "weighted"} ${noun} = ${range} of ${String(count)}`;
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
  const sets = votersOf(panel).map(reachable);
  return percents.slice(1).flatMap((percent, index) => {
    const lower = percents[index] ?? percent;
    const differs = sets.some(({ total, sums }) =>
      sums.some((sum) => supports(sum, total, lower) !== supports(sum, total, percent)),
    );
    return differs || panel.length < 2
      ? []
      : [
          `${String(lower)} % and ${String(percent)} % decide alike here: ${inWords(percent, votersOf(panel))}.`,
        ];
  });
}

/** Those that vote, for each weight that a proposer may have: it does not vote. */
function votersOf(panel: readonly number[]): readonly (readonly number[])[] {
  const proposers = panel.filter((weight, seat) => panel.indexOf(weight) === seat);
  return proposers.map((weight) => panel.toSpliced(panel.indexOf(weight), 1));
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
