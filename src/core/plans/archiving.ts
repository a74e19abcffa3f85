import type { Reader, Transaction } from "../store/index.ts";
import * as sql from "./statements.ts";

/** Plans in which nothing is left to do and nothing has changed since a time. */
export async function readFinished(reader: Reader, beforeMs: number): Promise<readonly string[]> {
  const rows = await reader.all<{ readonly id: string }>(sql.selectFinishedPlans, [
    reader.project,
    reader.project,
    beforeMs,
    beforeMs,
  ]);
  return rows.map(({ id }) => id);
}

/** Deletes a finished plan with its tasks and attempts; tells how many tasks went. */
export async function prunePlan(tx: Transaction, plan: string): Promise<number> {
  await tx.put(sql.deleteAttemptsOfPlan, [tx.project, plan]);
  await tx.put(sql.deleteEdgesOfPlan, [tx.project, plan]);
  const tasks = await tx.run(sql.deleteTasksOfPlan, [tx.project, plan]);
  await tx.put(sql.deletePlan, [tx.project, plan]);
  return tasks;
}
