import type { DraftPlan } from "../draft.ts";

/** Writes a plan as the answer that would have said it. */
export function writeReply({ isSplit, reason, title, tasks }: DraftPlan): string {
  return JSON.stringify({
    split: isSplit,
    reason,
    title,
    tasks: tasks.map((task) => ({
      key: task.id,
      title: task.title,
      outcome: task.outcome,
      parent: task.parent,
      operations: task.operations.map(({ path, action, lines, form, text }) => ({
        path,
        action,
        start_line: lines?.from ?? null,
        end_line: lines?.to ?? null,
        form,
        text,
      })),
      scope: task.scope,
      new_paths: task.fresh,
      accept: task.accept,
      validate: task.validate,
      minutes: task.minutes,
      depends_on: task.dependsOn,
      skills: task.skills,
      priority: task.priority,
    })),
  });
}
