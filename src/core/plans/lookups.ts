import { SkeinError } from "../base/errors.ts";
import type { ErrorDetail } from "../base/errors.ts";
import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { planErrors } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { planOf, taskOf } from "./records.ts";
import type { TaskKey, UnderClaim } from "./requests.ts";
import * as sql from "./statements.ts";
import type { PlanRow, TaskRow } from "./tables.ts";
import type { Task } from "./task.ts";

export function findTaskRow(reader: Reader, task: TaskKey): Promise<TaskRow | null> {
  return reader.get<TaskRow>(sql.selectTask, [reader.project, task.plan, task.id]);
}

/** @throws {SkeinError} SKN-5402 when there is none. */
export async function needTaskRow(reader: Reader, task: TaskKey): Promise<TaskRow> {
  const row = await findTaskRow(reader, task);
  if (row === null) {
    throw new SkeinError(planErrors.noTask, {
      message: `There is no task ${task.id} in plan ${task.plan}.`,
      facts: { plan: task.plan, task: task.id },
    });
  }
  return row;
}

/** @throws {SkeinError} SKN-5402 when there is none. */
export async function needTask(reader: Reader, task: TaskKey): Promise<Task> {
  return taskOf(await needTaskRow(reader, task));
}

/** @throws {SkeinError} SKN-5401 when there is none. */
export async function needPlanRow(reader: Reader, id: string): Promise<PlanRow> {
  const row = await reader.get<PlanRow>(sql.selectPlan, [reader.project, id]);
  if (row === null) {
    throw new SkeinError(planErrors.noPlan, {
      message: `There is no plan ${JSON.stringify(id)}.`,
      facts: { plan: id },
    });
  }
  return row;
}

/** @throws {SkeinError} SKN-5401 when there is none. */
export async function needPlan(reader: Reader, id: string): Promise<Plan> {
  return planOf(await needPlanRow(reader, id));
}

/**
 * Finds a task by `PLAN/T1`, or by `T1` alone: the one the session holds, else the only one, else the only one in an open plan.
 *
 * @throws {SkeinError} SKN-5402 when there is none, SKN-5403 when several plans have one.
 */
export async function resolveTask(
  reader: Reader,
  name: string,
  session: SessionId | null,
): Promise<Task> {
  const slash = name.indexOf("/");
  if (slash >= 0) {
    return needTask(reader, { plan: name.slice(0, slash), id: name.slice(slash + 1) });
  }
  const rows = await reader.all<TaskRow>(sql.selectTasksById, [reader.project, name]);
  const held = rows.filter((row) => session !== null && row.session === session);
  const open = rows.filter((row) => row.status !== "done" && row.status !== "canceled");
  const [only] = [held, rows, open].find((some) => some.length === 1) ?? [];
  if (only !== undefined) {
    return taskOf(only);
  }
  if (rows.length === 0) {
    throw new SkeinError(planErrors.noTask, {
      message: `There is no task ${JSON.stringify(name)}.`,
      facts: { task: name },
    });
  }
  const refs = rows.map((row) => `${row.plan}/${row.id}`);
  throw new SkeinError(planErrors.ambiguousTask, {
    message: `Several plans have a task ${name}: ${refs.slice(0, 5).join(", ")}.`,
    fix: `Name it as ${refs[0] ?? "PLAN/TASK"}.`,
    facts: { task: name, plans: rows.map((row) => row.plan) },
  });
}

/** Explains a write that came under a fence which is not, or no longer, the task's current one. */
export async function staleFence(reader: Reader, under: UnderClaim): Promise<SkeinError> {
  const row = await needTaskRow(reader, under.task);
  return new SkeinError(planErrors.staleFence, {
    ...(isOfOther(row, under)
      ? asOther(row, { session: row.session, by: under.session })
      : { message: agedText(row, under) }),
    facts: {
      plan: row.plan,
      task: row.id,
      status: row.status,
      session: row.session,
      current_fence: row.fence,
      given_fence: under.fence,
    },
  });
}

/** What is submitted keeps its session and its fence, and nobody holds it any more. */
function isOfOther(
  row: TaskRow,
  { fence, session }: UnderClaim,
): row is TaskRow & { readonly session: SessionId } {
  const isHeldByOther = row.status === "claimed" && row.session !== null && row.session !== session;
  return isHeldByOther && row.fence === fence;
}

function agedText(row: TaskRow, { fence, session }: UnderClaim): string {
  const holder =
    row.status === "claimed" && row.session !== null
      ? `${row.session} holds it under fence ${row.fence}`
      : "nobody holds it";
  return `Fence ${fence} of ${session} is not the current one of ${row.id}: it is ${row.status}, ${holder}.`;
}

/** The fence is right and the caller is not: mostly the same agent under another identity. */
function asOther(
  { plan, id }: TaskRow,
  { session, by }: { readonly session: string; readonly by: string },
): Pick<ErrorDetail, "message" | "fix"> {
  return {
    message: `${plan}/${id} is held by ${session} under this fence, and the call came as ${by}.`,
    fix: `Call as ${session}, with its handle. Where that is gone, as with a new token after a move, a person can run \`skein task reassign ${plan}/${id} --to ${by} --reason TEXT\`; then call next_task.`,
  };
}

/** Explains why a verb does not fit a task's state. */
export function wrongState(task: TaskKey & { readonly status: string }, next: string): SkeinError {
  return new SkeinError(planErrors.wrongState, {
    message: `Task ${task.id} is ${task.status}.`,
    fix: next,
    facts: { plan: task.plan, task: task.id, status: task.status },
  });
}
