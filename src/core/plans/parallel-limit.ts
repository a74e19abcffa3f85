import type { Reader, Transaction } from "../store/index.ts";
import type { PlanLog } from "./changes.ts";
import type { By } from "./requests.ts";
import * as sql from "./statements.ts";

/** How many tasks of one plan may be claimed at the same time. */
export interface ParallelLimit {
  /** From 1. */
  readonly most: number;
  /** Who says so, as `the profile staging`. */
  readonly because: string;
}

/** A plan with as many claimed tasks as it may have. */
export interface FullPlan extends ParallelLimit {
  readonly plan: string;
  readonly claimed: number;
}

/** One line that names the limit, for whoever got nothing because of it. */
export function fullPlanText({ plan, claimed, most, because }: FullPlan): string {
  return `${plan} has ${String(claimed)} ${claimed === 1 ? "task" : "tasks"} in work, and ${because} allows ${String(most)} at once.`;
}

/** The one name in the table so far. */
export const limitName = "tasks_at_once";

interface LimitRow {
  readonly value: number;
  readonly because: string;
}

/** Null: there is none. */
export async function readParallelLimit(reader: Reader): Promise<ParallelLimit | null> {
  const row = await reader.get<LimitRow>(sql.selectLimit, [reader.project, limitName]);
  return row === null ? null : { most: row.value, because: row.because };
}

/** Sets the limit of every plan, or takes it away; what is claimed stays claimed. Appends an event when it is another one. */
export async function limitParallel(
  log: PlanLog,
  tx: Transaction,
  { limit, actor, cause = null }: By & { readonly limit: ParallelLimit | null },
): Promise<void> {
  if (isSameLimit(await readParallelLimit(tx), limit)) {
    return;
  }
  await tx.put(sql.deleteLimit, [tx.project, limitName]);
  if (limit !== null) {
    await tx.put(sql.insertLimit, [tx.project, limitName, limit.most, limit.because]);
  }
  await log.append(tx, {
    kind: "plan.limited",
    actor,
    cause,
    data: limit === null ? { most: null, because: null } : { ...limit },
    changes: [],
  });
}

/** True for two limits that say the same, or for none and none. */
export function isSameLimit(left: ParallelLimit | null, right: ParallelLimit | null): boolean {
  return left?.most === right?.most && left?.because === right?.because;
}

interface FullRow extends LimitRow {
  readonly plan: string;
  readonly claimed: number;
}

/** Plans that have as many claimed tasks as they may have. One writer a project makes the count exact in its transaction. */
export async function readFullPlans(reader: Reader): Promise<readonly FullPlan[]> {
  const rows = await reader.all<FullRow>(sql.selectFull, [reader.project, limitName]);
  return rows.map(({ plan, claimed, value, because }) => ({ plan, claimed, most: value, because }));
}
