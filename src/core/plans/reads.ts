import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { findTaskRow, needPlanRow, needTaskRow } from "./lookups.ts";
import type { Plan, PlanDraft, TaskDraft } from "./plan.ts";
import { attemptOf, planOf, taskOf, taskStatusOf } from "./records.ts";
import type { Obstacle, TaskEnds, TaskFilter, TaskKey } from "./requests.ts";
import * as sql from "./statements.ts";
import type { AttemptRow, EndsRow, PlanRow, TaskRow, UnmetRow } from "./tables.ts";
import type { Attempt, Task, TaskAttempt } from "./task.ts";

export async function findTask(reader: Reader, key: TaskKey): Promise<Task | null> {
  const row = await findTaskRow(reader, key);
  return row === null ? null : taskOf(row);
}

/** The task that a session has claimed and not finished: the oldest, should there be several. */
export async function readHeld(reader: Reader, session: SessionId): Promise<Task | null> {
  const row = await reader.get<TaskRow>(sql.selectHeld, [reader.project, session]);
  return row === null ? null : taskOf(row);
}

export async function readAllHeld(reader: Reader, session: SessionId): Promise<readonly Task[]> {
  const rows = await reader.all<TaskRow>(sql.selectAllHeld, [reader.project, session]);
  return rows.map((row) => taskOf(row));
}

export async function listPlans(reader: Reader): Promise<readonly Plan[]> {
  const rows = await reader.all<PlanRow>(sql.selectPlans, [reader.project]);
  return rows.map((row) => planOf(row));
}

export async function findPlan(reader: Reader, id: string): Promise<Plan | null> {
  const row = await reader.get<PlanRow>(sql.selectPlan, [reader.project, id]);
  return row === null ? null : planOf(row);
}

const usualLimit = 1_000;

/** Tasks that fit a filter: a plan's in file order, a state's by age. */
export async function listTasks(reader: Reader, filter: TaskFilter): Promise<readonly Task[]> {
  const limit = filter.limit ?? usualLimit;
  const rows = await candidatesOf(reader, filter);
  const fits = (row: TaskRow): boolean =>
    (filter.plan === undefined || row.plan === filter.plan) &&
    (filter.status === undefined || row.status === filter.status) &&
    (filter.session === undefined || row.session === filter.session);
  return rows
    .filter((row) => fits(row))
    .slice(0, limit)
    .map((row) => taskOf(row));
}

/** The rows of the one index that narrows most. */
async function candidatesOf(reader: Reader, filter: TaskFilter): Promise<readonly TaskRow[]> {
  if (filter.plan !== undefined) {
    return reader.all<TaskRow>(sql.selectTasksOfPlan, [reader.project, filter.plan]);
  }
  if (filter.session !== undefined) {
    return reader.all<TaskRow>(sql.selectTasksOfSession, [reader.project, filter.session]);
  }
  if (filter.status !== undefined) {
    return reader.all<TaskRow>(sql.selectTasksWithStatus, [
      reader.project,
      filter.status,
      filter.limit ?? usualLimit,
    ]);
  }
  return reader.all<TaskRow>(sql.selectTasks, [reader.project, filter.limit ?? usualLimit]);
}

/** All attempts at a task, the first first. */
export async function readAttempts(reader: Reader, task: TaskKey): Promise<readonly Attempt[]> {
  const rows = await reader.all<AttemptRow>(sql.selectAttempts, [
    reader.project,
    task.plan,
    task.id,
  ]);
  return rows.map((row) => attemptOf(row));
}

/** All attempts of a session, in the order in which they began. */
export async function readAttemptsBy(
  reader: Reader,
  session: SessionId,
): Promise<readonly TaskAttempt[]> {
  const rows = await reader.all<AttemptRow & { readonly plan: string }>(sql.selectAttemptsBy, [
    reader.project,
    session,
  ]);
  return rows.map((row) => ({ ...attemptOf(row), plan: row.plan, task: row.task }));
}

/** Attempts that ended at a time or later or that go on, in the order in which they began. */
export async function readAttemptsSince(
  reader: Reader,
  sinceMs: number,
): Promise<readonly TaskAttempt[]> {
  const rows = await reader.all<AttemptRow & { readonly plan: string }>(sql.selectAttemptsSince, [
    reader.project,
    sinceMs,
  ]);
  return rows.map((row) => ({ ...attemptOf(row), plan: row.plan, task: row.task }));
}

/** How many tasks, containers not counted, reached an end since a time, by day and state. */
export async function readEndsByDay(reader: Reader, sinceMs: number): Promise<readonly TaskEnds[]> {
  const rows = await reader.all<EndsRow>(sql.selectEndsByDay, [reader.project, sinceMs]);
  return rows.map(({ day, status, count }) => ({
    day: new Date(day * 86_400_000).toISOString().slice(0, 10),
    isDone: status === "done",
    count,
  }));
}

/** All attempts at the tasks of a plan, by task id. */
export async function readAttemptsOfPlan(
  reader: Reader,
  plan: string,
): Promise<ReadonlyMap<string, readonly Attempt[]>> {
  const rows = await reader.all<AttemptRow>(sql.selectAttemptsOfPlan, [reader.project, plan]);
  const byTask = new Map<string, Attempt[]>();
  for (const row of rows) {
    const list = byTask.get(row.task) ?? [];
    list.push(attemptOf(row));
    byTask.set(row.task, list);
  }
  return byTask;
}

/** What stands in the way of a task, as far as plans know; empty when it waits for paths or a session only. */
export async function readObstacles(reader: Reader, key: TaskKey): Promise<readonly Obstacle[]> {
  const row = await needTaskRow(reader, key);
  const { status, pauseReason } = planOf(await needPlanRow(reader, key.plan));
  const found: Obstacle[] = [];
  if (row.is_container === 1) {
    found.push({ kind: "container" });
  }
  if (status === "paused" || status === "canceled") {
    found.push({ kind: "plan", status, reason: pauseReason });
  }
  if (row.start_ms !== null && row.start_ms > reader.nowMs) {
    const isRetry = row.start_ms !== row.not_before_ms;
    found.push({ kind: "time", untilMs: row.start_ms, isRetry });
  }
  return [...found, ...stateObstacles(taskOf(row)), ...(await unmetOf(reader, key))];
}

function stateObstacles(task: Task): readonly Obstacle[] {
  const { status, session, reason, isDeadLetter } = task;
  const isLanded = task.integratedCommit !== null;
  if (status === "pending") {
    return task.assignedTo === null ? [] : [{ kind: "assigned", session: task.assignedTo }];
  }
  return status === "claimed" && session !== null
    ? [{ kind: "held", session, sinceMs: task.claimedAtMs ?? task.updatedAtMs }]
    : [{ kind: "state", status, reason, isDeadLetter, isLanded }];
}

async function unmetOf(reader: Reader, key: TaskKey): Promise<readonly Obstacle[]> {
  const rows = await reader.all<UnmetRow>(sql.selectUnmet, [reader.project, key.plan, key.id]);
  return rows.map((row) => ({
    kind: "dependency",
    task: row.id,
    status: taskStatusOf(row.status),
    isLanded: row.integrated_commit !== null,
  }));
}

/** A stored plan as its file would say it: importing that changes nothing. */
export async function readDraft(reader: Reader, id: string): Promise<PlanDraft> {
  const plan = planOf(await needPlanRow(reader, id));
  const rows = await reader.all<TaskRow>(sql.selectTasksOfPlan, [reader.project, id]);
  const { title, verify, budgetMicroUsd } = plan;
  const tasks = rows.filter((row) => row.is_left_out === 0).map((row) => draftOf(row));
  return { id, title, verify, budgetMicroUsd, tasks };
}

function draftOf(row: TaskRow): TaskDraft {
  const task = taskOf(row);
  const { id, title, spec, files, dependsOn, priority, minutes, skills, accept, parent } = task;
  return {
    id,
    title,
    spec,
    files,
    dependsOn,
    priority,
    minutes,
    skills,
    accept,
    parent,
    budgetMicroUsd: task.budgetMicroUsd,
    notBeforeMs: row.not_before_ms,
    isDone: task.status === "done" && !task.isContainer,
    line: null,
  };
}
