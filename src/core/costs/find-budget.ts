import type { Reader } from "../store/index.ts";
import type { Budget, BudgetScope } from "./cost.ts";
import { budgetsOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** The budget of a scope, or null where it has no limit. */
export async function findBudget(reader: Reader, scope: BudgetScope): Promise<Budget | null> {
  const params = [reader.project, scope, scope, scope, scope];
  return budgetsOf(await reader.all<sql.BudgetRow>(sql.selectBudgetsOf, params))[0] ?? null;
}
