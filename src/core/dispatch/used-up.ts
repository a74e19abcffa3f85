import { decideReserve, scopesOf } from "../costs/index.ts";
import type { Budget, BudgetScope } from "../costs/index.ts";
import type { MicroUsd } from "../base/ids.ts";

/** Hard budgets that have refused a task in this pick. Nothing is reserved between two refusals, so each also refuses what is as dear. */
export interface UsedUp {
  /** Remembers a budget that refused. */
  add(budget: Budget): void;
  /** The remembered budget that has no room for a task of a plan, or null when none is known. */
  refusing(plan: string, microUsd: MicroUsd): Budget | null;
  /** Each once. */
  all(): readonly Budget[];
}

export function createUsedUp(): UsedUp {
  const known = new Map<BudgetScope, Budget>();
  return {
    add: (budget) => {
      known.set(budget.scope, budget);
    },
    refusing: (plan, microUsd) =>
      known.size === 0
        ? null
        : decideReserve(
            scopesOf(plan, null).flatMap((scope) => known.get(scope) ?? []),
            microUsd,
          ),
    all: () => [...known.values()],
  };
}
