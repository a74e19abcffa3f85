import { SkeinError } from "../base/errors.ts";
import type { Transaction } from "../store/index.ts";
import { fullTaskChange, record, recordMany, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { planErrors } from "./errors.ts";
import { leftOutReason, writeImport } from "./import-writes.ts";
import type { ImportPlanning } from "./import-writes.ts";
import { hasContent, isOpen, isStored, mergePlan } from "./merge.ts";
import type { Merge, MergedTask } from "./merge.ts";
import { findOverlaps } from "./overlaps.ts";
import type { OverlapSearch } from "./overlaps.ts";
import type { PlanDraft } from "./plan.ts";
import { parseTexts } from "./records.ts";
import type { By, ImportOptions, ImportResult } from "./requests.ts";
import * as sql from "./statements.ts";
import type { PlanRow, TaskRow } from "./tables.ts";

export interface ImportDeps {
  readonly events: PlanLog;
  readonly overlaps: OverlapSearch;
  /** The most open tasks of the project. Default null: no limit. */
  readonly mostOpenTasks?: number | null | undefined;
}

interface Sorted {
  readonly created: readonly MergedTask[];
  readonly updated: readonly MergedTask[];
  readonly unchanged: readonly MergedTask[];
}

/** Takes a plan file into the store: all of it or nothing, and nothing at all when it says what is stored already. */
export async function importPlan(
  deps: ImportDeps,
  tx: Transaction,
  request: { readonly draft: PlanDraft; readonly options: ImportOptions },
): Promise<ImportResult> {
  const { draft, options } = request;
  const plan = await tx.get<PlanRow>(sql.selectPlan, [tx.project, draft.id]);
  const rows = await tx.all<TaskRow>(sql.selectTasksOfPlan, [tx.project, draft.id]);
  const merge = mergePlan({ rows, isCanceled: plan?.status === "canceled" }, draft);
  const sorted = sortTasks(merge);
  const isPlanChanged = plan === null || !saysPlan(plan, draft);
  const left = merge.leftOut.length + merge.forgotten.length;
  const isChanged = isPlanChanged || left > 0 || !merge.tasks.every(isStored);
  if (options.isDryRun !== true && isChanged) {
    const planning = { draft, plan, merge, created: sorted.created, proposer: options.actor };
    await writeImport(tx, planning);
    if (sorted.created.length > 0) {
      await ensureRoom(tx, deps.mostOpenTasks ?? null);
      await deps.events.ensureRoom(tx, "new");
    }
    await recordImport(deps.events, tx, { planning, updated: sorted.updated, by: options });
  }
  const open = merge.tasks.filter((task) => task.is_container === 0 && isOpen(task.status));
  const scopes = open.map(({ id, files }) => ({ id, files: parseTexts(files) }));
  const report = findOverlaps(scopes, merge.graph, deps.overlaps());
  return {
    plan: draft.id,
    isNewPlan: plan === null,
    isPlanChanged,
    created: idsOf(sorted.created),
    updated: idsOf(sorted.updated),
    unchanged: idsOf(sorted.unchanged),
    canceled: merge.leftOut.map(({ id }) => id),
    kept: merge.kept,
    deferred: merge.deferred,
    overlaps: report.overlaps,
    isOverlapComplete: report.isComplete,
  };
}

/** What was written is taken back with the transaction. @throws {SkeinError} SKN-4405. */
async function ensureRoom(tx: Transaction, most: number | null): Promise<void> {
  if (most === null) {
    return;
  }
  const row = await tx.get<{ readonly open: number }>(sql.sumOpen, [tx.project]);
  if ((row?.open ?? 0) > most) {
    throw new SkeinError(planErrors.tooManyOpen, {
      message: `With this plan ${String(row?.open ?? 0)} tasks would be open; ${String(most)} are the most.`,
      facts: { open: row?.open ?? 0, most },
    });
  }
}

function idsOf(tasks: readonly MergedTask[]): readonly string[] {
  return tasks.map(({ id }) => id);
}

function saysPlan(plan: PlanRow, draft: PlanDraft): boolean {
  return (
    plan.title === draft.title &&
    plan.verify === draft.verify &&
    plan.budget_micro_usd === draft.budgetMicroUsd &&
    plan.status !== "canceled"
  );
}

function sortTasks(merge: Merge): Sorted {
  const named = merge.tasks.filter(({ id }) => !merge.kept.includes(id));
  const created = named.filter(({ before }) => before === null);
  const stored = named.filter(({ before }) => before !== null);
  return {
    created,
    updated: stored.filter((task) => saysMore(task)),
    unchanged: stored.filter((task) => !saysMore(task)),
  };
}

/** What follows from other tasks alone (counters, a block) is no change of this one. */
function saysMore(task: MergedTask): boolean {
  const { before } = task;
  return before !== null && (!hasContent(before, task) || before.status !== task.status);
}

interface Imported {
  readonly planning: ImportPlanning;
  readonly updated: readonly MergedTask[];
  readonly by: By;
}

async function recordImport(
  log: PlanLog,
  tx: Transaction,
  { planning, updated, by }: Imported,
): Promise<void> {
  const { draft, plan, merge, created } = planning;
  const counts = { created: created.length, updated: updated.length };
  const { id, title, verify, budgetMicroUsd } = draft;
  const status = plan?.status === "paused" ? "paused" : "active";
  const proposed_by = plan?.proposed_by ?? by.actor;
  const set = { id, title, verify, budget_micro_usd: budgetMicroUsd, status, proposed_by };
  const cause = await record(log, tx, {
    kind: "plan.imported",
    by,
    data: { ...counts, canceled: merge.leftOut.length },
    changes: [{ entity: "plan", id, set }],
  });
  const because = { actor: by.actor, cause };
  await recordMany(log, tx, {
    kind: "plan.tasks_imported",
    by: because,
    data: { plan: id },
    changes: [...created, ...updated].map((task) => fullTaskChange({ ...task, plan: id })),
  });
  const left = { status: "canceled", reason: leftOutReason, session: null, fence: null };
  await recordMany(log, tx, {
    kind: "task.canceled",
    by: because,
    data: { reason: leftOutReason },
    changes: merge.leftOut.map((row) => taskChange(row, left)),
  });
}
