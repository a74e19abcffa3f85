import { together } from "../base/together.ts";
import { filledUp, groupsOf } from "../store/index.ts";
import type { Reader } from "../store/index.ts";
import { scopesOf } from "./budget.ts";
import type { Budget, BudgetScope, Covering } from "./cost.ts";
import type { CoveringRequest } from "./requests.ts";
import { budgetOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** What covers some tasks, with what was set aside for others of them since it was looked at. */
export interface Purse {
  /** What covers a task now. */
  covering(task: CoveringRequest): Covering;
  /** Counts what is about to be set aside. */
  take(covering: Covering, microUsd: number): void;
}

/** Looks at what covers some tasks, in as few statements as can be. */
export async function openPurse(reader: Reader, tasks: readonly CoveringRequest[]): Promise<Purse> {
  const scopes = [...new Set(tasks.flatMap(({ plan, task }) => scopesOf(plan, task)))];
  const rows = await together(
    groupsOf(scopes, 64).map((group) => {
      const [size, values] = filledUp(group);
      return reader.all<sql.BudgetRow>(sql.selectBudgetsIn(size), [reader.project, ...values]);
    }),
  );
  const byScope = new Map(rows.flat().map((row) => [row.scope, row]));
  const taken = new Map<BudgetScope, number>();
  const now = (row: sql.BudgetRow): readonly Budget[] => {
    const budget = budgetOf(row);
    const more = taken.get(row.scope) ?? 0;
    return budget === null ? [] : [{ ...budget, reservedMicroUsd: budget.reservedMicroUsd + more }];
  };
  return {
    covering: ({ plan, task }) => {
      const found = scopesOf(plan, task)
        .flatMap((scope) => byScope.get(scope) ?? [])
        .toSorted((one, other) => (one.scope < other.scope ? -1 : 1));
      return { scopes: found.map(({ scope }) => scope), budgets: found.flatMap(now) };
    },
    take: (covering, microUsd) => {
      for (const scope of covering.scopes) {
        taken.set(scope, (taken.get(scope) ?? 0) + microUsd);
      }
    },
  };
}
