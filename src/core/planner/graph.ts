import { findCycle, linkTasks } from "../plans/index.ts";
import type { TaskGraph } from "../plans/index.ts";
import type { DraftTask } from "./draft.ts";

/** Who waits for whom; null where the tasks name what does not exist, or wait in a circle. */
export function graphOf(tasks: readonly DraftTask[]): TaskGraph | null {
  const known = new Set(tasks.map(({ id }) => id));
  const isWhole = tasks.every(
    ({ dependsOn, parent }) =>
      dependsOn.every((id) => known.has(id)) && (parent === null || known.has(parent)),
  );
  return isWhole && known.size === tasks.length && findCycle(tasks) === null
    ? linkTasks(tasks)
    : null;
}
