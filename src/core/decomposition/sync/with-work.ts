import type { ChildState } from "../state.ts";
import type { WorkedPlan } from "../work.ts";
import { taskIdOf, taskIdsOf } from "./task-plan.ts";

/** A child with what the database knows of its work; as it is where none was asked. What was spent elsewhere is never forgotten. */
export function withWork(child: ChildState, worked: WorkedPlan | null): ChildState {
  const task = worked?.tasks.get(taskIdOf(child));
  if (worked === null || task === undefined) {
    return child;
  }
  const spent = taskIdsOf(child).reduce(
    (sum, id) => sum + (worked.tasks.get(id)?.spentMicroUsd ?? 0),
    0,
  );
  return {
    ...child,
    work: task.status,
    spentMicroUsd: Math.max(child.spentMicroUsd, spent),
    commit: task.commit ?? child.commit,
  };
}
