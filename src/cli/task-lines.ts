import type { Task } from "../core/plans/index.ts";
import { tableLines } from "./output.ts";
import { clip } from "./views.ts";

/** Tasks in rows for people. */
export function taskLines(tasks: readonly Task[]): readonly string[] {
  return tasks.length === 0
    ? ["No tasks."]
    : tableLines(["TASK", "STATUS", "BY", "TITLE"], tasks.map(rowOf));
}

function rowOf(task: Task): readonly string[] {
  return [`${task.plan}/${task.id}`, statusText(task), task.session ?? "-", clip(task.title, 60)];
}

/** Where a task stands, in a word or two. */
export function statusText(task: Task): string {
  if (task.isContainer && task.status === "pending") {
    return "container";
  }
  if (task.isDeadLetter) {
    return "failed, needs a person";
  }
  if (task.status === "pending") {
    return task.unmet > 0 ? `waits for ${String(task.unmet)}` : "pending";
  }
  return task.status === "claimed" && task.percent !== null
    ? `claimed ${String(task.percent)} %`
    : task.status;
}
