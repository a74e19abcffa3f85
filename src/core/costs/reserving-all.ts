import { together } from "../base/together.ts";
import { groupsOf } from "../store/index.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import type { BudgetScope, Covering } from "./cost.ts";
import type { ReserveRequest } from "./requests.ts";
import { take, warningsAfter } from "./reserving.ts";
import * as sql from "./tables.ts";

/** A reservation of which it is known that every budget has room for it, and for those before it. */
export interface CoveredRequest extends ReserveRequest {
  readonly covering: Covering;
}

/** Sets money aside for several claims at once; for each, in their order, its warnings and what was set aside, null where no budget covers it. */
export async function reserveAll(
  tx: Transaction,
  {
    requests,
    lastNumber,
  }: { readonly requests: readonly CoveredRequest[]; readonly lastNumber: number },
): Promise<readonly AllSetAside[]> {
  const covered = requests.filter(({ covering }) => covering.scopes.length > 0);
  const sums = new Map<BudgetScope, number>();
  for (const { covering, microUsd } of covered) {
    for (const scope of covering.scopes) {
      sums.set(scope, (sums.get(scope) ?? 0) + microUsd);
    }
  }
  const rows = covered.map((request, at) => rowOf(tx, request, lastNumber + 1 + at));
  await together([
    ...groupsOf(rows).map((group) => tx.put(sql.insertReservations(group.length), group.flat())),
    ...[...sums].map(([scope, microUsd]) => take(tx, scope, microUsd)),
  ]);
  return requests.map(({ covering, microUsd }) => ({
    microUsd: covering.scopes.length === 0 ? null : microUsd,
    warnings: warningsAfter(covering.budgets, microUsd),
  }));
}

/** What was set aside for one of several claims. */
export interface AllSetAside {
  readonly microUsd: number | null;
  /** One sentence for each budget that is nearly used up with it. */
  readonly warnings: readonly string[];
}

function rowOf(
  { project, nowMs }: Transaction,
  { session, plan, task, fence, covering, microUsd }: CoveredRequest,
  number: number,
): readonly SqlValue[] {
  const scopes = JSON.stringify(covering.scopes);
  return [project, number, session, plan, task, fence, scopes, microUsd, microUsd, nowMs];
}
