import type { SqlValue, Transaction } from "../store/index.ts";
import { isOpen, isStored } from "./merge.ts";
import type { Merge, MergedTask } from "./merge.ts";
import type { PlanDraft } from "./plan.ts";
import * as sql from "./statements.ts";
import type { EdgeRow, PlanRow } from "./tables.ts";

/** An import that has been decided. */
export interface ImportPlanning {
  readonly draft: PlanDraft;
  /** The stored plan, or null for a new one. */
  readonly plan: PlanRow | null;
  readonly merge: Merge;
  readonly created: readonly MergedTask[];
  /** Whose plan it becomes if it is new. */
  readonly proposer: string;
}

export const leftOutReason = "Left out of the plan";

/** Writes the rows that an import decided: those that differ, and no other. */
export async function writeImport(tx: Transaction, planning: ImportPlanning): Promise<void> {
  const { draft, plan, merge, created } = planning;
  const firstAge = await writePlan(tx, planning);
  const isActive = plan?.status === "paused" ? 0 : 1;
  const place = { plan: draft.id, verify: merge.verify, isActive };
  for (const [at, task] of created.entries()) {
    await insertTask(tx, task, { ...place, age: firstAge + at });
  }
  for (const task of merge.tasks) {
    await updateTask(tx, task, merge.verify);
  }
  for (const row of merge.leftOut) {
    await tx.put(sql.leaveOutTask, [leftOutReason, tx.nowMs, tx.project, row.plan, row.id]);
  }
  for (const row of merge.forgotten) {
    await tx.put(sql.forgetTask, [tx.nowMs, tx.project, row.plan, row.id]);
  }
  await writeEdges(tx, draft.id, merge);
}

/** Writes the plan's own row; tells the age of the first new task. */
async function writePlan(tx: Transaction, planning: ImportPlanning): Promise<number> {
  const { draft, plan, merge, created } = planning;
  const last = await tx.get<{ readonly last_age: number | null }>(sql.selectLastAge, [tx.project]);
  const firstAge = (last?.last_age ?? 0) + 1;
  const lastAge = created.length > 0 ? firstAge + created.length - 1 : (plan?.last_age ?? 0);
  const open = merge.tasks.filter((task) => task.is_container === 0 && isOpen(task.status)).length;
  const fields = [draft.title, draft.verify, draft.budgetMicroUsd];
  const at = [tx.project, draft.id];
  if (plan === null) {
    const start = ["active", null, open, 0, 0, lastAge, planning.proposer, tx.nowMs, 1];
    await tx.put(sql.insertPlan, [...at, ...fields, ...start]);
    return firstAge;
  }
  await tx.put(sql.updatePlan, [...fields, open, lastAge, ...at]);
  if (plan.status === "canceled") {
    await tx.put(sql.updatePlanStatus, ["active", null, ...at]);
    await tx.put(sql.updateTasksOfPlanActive, [1, ...at]);
  }
  return firstAge;
}

interface Place {
  readonly plan: string;
  readonly verify: string;
  readonly age: number;
  readonly isActive: number;
}

async function insertTask(tx: Transaction, task: MergedTask, place: Place): Promise<void> {
  await tx.put(
    sql.insertTask,
    [
      [tx.project, place.plan, task.id, ...fileColumns(task), place.verify, task.is_container],
      [place.isActive, task.unmet, task.dependents, task.rank, place.age, task.status],
      [null, null, null, null, null, null, null, null, null, null],
      [task.reason, task.cause, task.blocked_by, 0, 0, null, null, null, "{}", 0, 0],
      [tx.nowMs, tx.nowMs, 1],
    ].flat(),
  );
}

function fileColumns(task: MergedTask): readonly SqlValue[] {
  return [
    [task.position, task.title, task.spec, task.files, task.depends_on, task.priority],
    [task.minutes, task.skills, task.accept, task.parent, task.budget_micro_usd],
    [task.not_before_ms, task.start_ms],
  ].flat();
}

async function updateTask(tx: Transaction, task: MergedTask, verify: string): Promise<void> {
  const { before } = task;
  if (before === null || (isStored(task) && before.verify === verify)) {
    return;
  }
  await tx.put(
    sql.updateTaskFromFile,
    [
      [...fileColumns(task), verify, task.is_container, task.unmet, task.dependents, task.rank],
      [task.status, task.reason, task.cause, task.blocked_by],
      [0, tx.nowMs],
      [tx.project, before.plan, before.id],
    ].flat(),
  );
}

/** Makes the stored edges those of the graph; both sides are small or the plan is new. */
async function writeEdges(tx: Transaction, plan: string, merge: Merge): Promise<void> {
  const stored = await tx.all<EdgeRow>(sql.selectEdges, [tx.project, plan]);
  const known = new Map<string, Set<string>>();
  for (const { task, depends_on } of stored) {
    known.set(task, (known.get(task) ?? new Set()).add(depends_on));
    if (merge.graph.edges.get(task)?.has(depends_on) !== true) {
      await tx.put(sql.deleteEdge, [tx.project, plan, task, depends_on]);
    }
  }
  for (const [task, targets] of merge.graph.edges) {
    for (const target of targets) {
      if (known.get(task)?.has(target) !== true) {
        await tx.put(sql.insertEdge, [tx.project, plan, task, target]);
      }
    }
  }
}
