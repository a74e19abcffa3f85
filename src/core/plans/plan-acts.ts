import { SkeinError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { EntityChange } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { record, recordMany } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { planErrors } from "./errors.ts";
import { needPlan, needPlanRow } from "./lookups.ts";
import type { Plan } from "./plan.ts";
import { canceledChange, endedBy } from "./propagation.ts";
import type { LostClaim } from "./propagation.ts";
import type { By, CancelOutcome, PlanEdit } from "./requests.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import { cancelRow, isOver } from "./task-acts.ts";

/** An act on a plan, and why. */
export interface PlanAct extends By {
  readonly plan: string;
  readonly reason: string;
}

/** A change of a plan that was read at a version. */
export interface PlanChange extends By {
  readonly plan: string;
  readonly version: number;
  readonly edit: PlanEdit;
}

/** Stops handing out a plan's tasks; claims that run go on. */
export async function pausePlan(log: PlanLog, tx: Transaction, act: PlanAct): Promise<Plan> {
  const plan = await needPlanRow(tx, act.plan);
  if (plan.status !== "active") {
    throw wrongPlanState(plan, "Only an active plan can be paused.");
  }
  await setPlanStatus(tx, plan.id, { status: "paused", reason: act.reason });
  await recordPlan(log, tx, {
    kind: "plan.paused",
    act,
    set: { status: "paused", pause_reason: act.reason },
  });
  return needPlan(tx, plan.id);
}

/** Hands out a paused plan's tasks again; its failures so far are forgiven. */
export async function resumePlan(log: PlanLog, tx: Transaction, act: PlanAct): Promise<Plan> {
  const plan = await needPlanRow(tx, act.plan);
  if (plan.status !== "paused") {
    throw wrongPlanState(plan, "Only a paused plan can be resumed.");
  }
  await setPlanStatus(tx, plan.id, { status: "active", reason: null });
  await recordPlan(log, tx, {
    kind: "plan.resumed",
    act,
    set: { status: "active", pause_reason: null },
  });
  return needPlan(tx, plan.id);
}

/** Cancels a plan with all of its tasks that have not ended. */
export async function cancelPlan(
  log: PlanLog,
  tx: Transaction,
  act: PlanAct,
): Promise<CancelOutcome> {
  const plan = await needPlanRow(tx, act.plan);
  if (plan.status === "canceled") {
    throw wrongPlanState(plan, "Import it again to start it anew.");
  }
  const all = await tx.all<TaskRow>(sql.selectTasksOfPlan, [tx.project, plan.id]);
  const rows = all.filter((row) => !isOver(row));
  const { reason } = act;
  const ends: (LostClaim | null)[] = [];
  const changes: EntityChange[] = [];
  for (const row of rows) {
    ends.push(await cancelRow(tx, row, { reason, blockedBy: null }));
    if (row.parent !== null) {
      await tx.put(sql.adjustContainer, [-1, tx.nowMs, tx.project, plan.id, row.parent]);
    }
    changes.push(await canceledChange(tx, row, reason));
  }
  await setPlanStatus(tx, plan.id, { status: "canceled", reason });
  const cause = await recordPlan(log, tx, {
    kind: "plan.canceled",
    act,
    set: { status: "canceled", pause_reason: reason },
  });
  const by = { actor: act.actor, cause };
  const seqs = await recordMany(log, tx, { kind: "task.canceled", by, data: { reason }, changes });
  return { canceled: rows.map(({ id }) => id), blocked: [], ended: endedBy(ends, seqs) };
}

/**
 * Changes a plan's own fields, if it still has the version that the change was based on.
 *
 * @throws {SkeinError} SKN-4402 when it changed in the meantime.
 */
export async function editPlan(log: PlanLog, tx: Transaction, request: PlanChange): Promise<Plan> {
  const row = await needPlanRow(tx, request.plan);
  const { edit } = request;
  const title = edit.title ?? row.title;
  const verify = edit.verify ?? row.verify;
  const budget = edit.budgetMicroUsd === undefined ? row.budget_micro_usd : edit.budgetMicroUsd;
  const changed = await tx.run(sql.updatePlanFields, [
    title,
    verify,
    budget,
    tx.project,
    row.id,
    request.version,
  ]);
  if (changed === 0) {
    throw new SkeinError(planErrors.versionConflict, {
      message: `Plan ${row.id} is at version ${row.version}, the change was based on ${request.version}.`,
      facts: { plan: row.id, version: row.version, given_version: request.version },
    });
  }
  await tx.put(sql.updateTasksOfPlanVerify, [verify, tx.project, row.id]);
  const set = { title, verify, budget_micro_usd: budget };
  await recordPlan(log, tx, { kind: "plan.edited", act: { ...request, reason: null }, set });
  return needPlan(tx, row.id);
}

async function setPlanStatus(
  tx: Transaction,
  plan: string,
  next: { readonly status: string; readonly reason: string | null },
): Promise<void> {
  await tx.put(sql.updatePlanStatus, [next.status, next.reason, tx.project, plan]);
  const isActive = next.status === "active" ? 1 : 0;
  await tx.put(sql.updateTasksOfPlanActive, [isActive, tx.project, plan]);
}

interface PlanEntry {
  readonly kind: string;
  readonly act: By & { readonly plan: string; readonly reason: string | null };
  readonly set: JsonObject;
}

function recordPlan(log: PlanLog, tx: Transaction, { kind, act, set }: PlanEntry): Promise<number> {
  return record(log, tx, {
    kind,
    by: act,
    data: act.reason === null ? {} : { reason: act.reason },
    changes: [{ entity: "plan", id: act.plan, set }],
  });
}

function wrongPlanState(
  plan: { readonly id: string; readonly status: string },
  fix: string,
): SkeinError {
  return new SkeinError(planErrors.wrongState, {
    message: `Plan ${plan.id} is ${plan.status}.`,
    fix,
    facts: { plan: plan.id, status: plan.status },
  });
}
