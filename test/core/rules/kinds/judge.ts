import { evaluate } from "../../../../src/core/rules/index.ts";
import type { RuleChoice, RuleRow, Snapshot } from "../../../../src/core/rules/index.ts";
import { aPolicy, aRule, aSnapshot } from "../../../support/rules.ts";

/** The row of one rule for a change that is odd in some way. */
export function judged(
  choice: RuleChoice,
  odd: Partial<Snapshot> = {},
  generated: readonly string[] = [],
): RuleRow {
  const { rows } = evaluate(aPolicy([aRule(choice)], generated), aSnapshot(odd));
  const [row] = rows;
  if (row === undefined) {
    throw new Error("no row");
  }
  return row;
}
