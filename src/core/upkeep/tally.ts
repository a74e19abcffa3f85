import type { StateFacts } from "./state-facts.ts";
import type { Violation } from "./upkeep.ts";

/**
 * 12: a budget counts what its lines of the ledger and its open reservations add up to. Where it does not, it refuses what there is room
 * for, or grants what there is none for.
 */
export function checkTally({ tally }: Pick<StateFacts, "tally">): Violation[] {
  return tally.flatMap(({ scope, ...sums }) => {
    const { spentMicroUsd, ledgerMicroUsd, reservedMicroUsd, openMicroUsd } = sums;
    return [
      ...(spentMicroUsd === ledgerMicroUsd
        ? []
        : [fault(scope, "spent", { counted: spentMicroUsd, found: ledgerMicroUsd })]),
      ...(reservedMicroUsd === openMicroUsd
        ? []
        : [fault(scope, "set aside", { counted: reservedMicroUsd, found: openMicroUsd })]),
    ];
  });
}

interface Difference {
  readonly counted: number;
  readonly found: number;
}

function fault(scope: string, what: string, { counted, found }: Difference): Violation {
  const sums = what === "spent" ? "the ledger comes" : "the open reservations come";
  return {
    invariant: 12,
    text: `The budget of ${scope} counts ${String(counted)} micro-dollars as ${what}; ${sums} to ${String(found)}.`,
    facts: { scope, counted_micro_usd: counted, found_micro_usd: found },
  };
}
