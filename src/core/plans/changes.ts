import type { JsonObject } from "../base/json.ts";
import type { EntityChange, Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { attemptOf, parseTexts } from "./records.ts";
import type { By, TaskKey } from "./requests.ts";
import * as sql from "./statements.ts";
import type { AttemptRow, TaskRow } from "./tables.ts";
import type { Attempt } from "./task.ts";

/** How many tasks one event of an import or of a propagation carries. */
const tasksAnEvent = 200;

/** The part of the log that plans write to. */
export type PlanLog = Pick<Events, "append" | "ensureRoom">;

/** Names what an event did to a task, with the field names of the export. */
export function taskChange(task: TaskKey, set: JsonObject): EntityChange {
  return { entity: "task", id: `${task.plan}/${task.id}`, set };
}

type ImportedFields = Pick<
  TaskRow,
  | "id"
  | "plan"
  | "status"
  | "title"
  | "files"
  | "depends_on"
  | "priority"
  | "minutes"
  | "parent"
  | "reason"
>;

/** All fields of a task that the log carries, for a task that enters or changes with an import. */
export function fullTaskChange(row: ImportedFields): EntityChange {
  return taskChange(row, {
    id: row.id,
    plan: row.plan,
    status: row.status,
    title: row.title,
    files: parseTexts(row.files),
    depends_on: parseTexts(row.depends_on),
    priority: row.priority,
    minutes: row.minutes,
    parent: row.parent,
    reason: row.reason,
  });
}

/** An attempt as the export and the log say it. */
export function attemptView(attempt: Attempt): JsonObject {
  return {
    session: attempt.session,
    fence: attempt.fence,
    outcome: attempt.outcome,
    started_at: attempt.startedAtMs,
    ended_at: attempt.endedAtMs,
    cause: attempt.cause,
  };
}

/** All attempts at a task, as the log says them. */
export async function attemptViews(reader: Reader, task: TaskKey): Promise<readonly JsonObject[]> {
  const rows = await reader.all<AttemptRow>(sql.selectAttempts, [
    reader.project,
    task.plan,
    task.id,
  ]);
  return rows.map((row) => attemptView(attemptOf(row)));
}

export interface LogEntry {
  readonly kind: string;
  readonly by: By;
  readonly data: JsonObject;
  readonly changes: readonly EntityChange[];
}

/** Appends one event. */
export function record(log: PlanLog, tx: Transaction, entry: LogEntry): Promise<number> {
  return log.append(tx, {
    kind: entry.kind,
    actor: entry.by.actor,
    cause: entry.by.cause ?? null,
    data: entry.data,
    changes: entry.changes,
  });
}

/** Appends as many events as keep each to a bounded number of tasks; none when nothing changed. Tells the event of each change, in their order. */
export async function recordMany(
  log: PlanLog,
  tx: Transaction,
  entry: LogEntry,
): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (let start = 0; start < entry.changes.length; start += tasksAnEvent) {
    const changes = entry.changes.slice(start, start + tasksAnEvent);
    const seq = await record(log, tx, { ...entry, changes });
    seqs.push(...changes.map(() => seq));
  }
  return seqs;
}
