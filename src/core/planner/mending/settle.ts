import type { OverlapSearch } from "../../plans/index.ts";
import type { Tree } from "../checks/tree.ts";
import { isFiller } from "../checks/check-words.ts";
import { mostMinutes } from "../checks/check-structure.ts";
import { leavesOf } from "../draft.ts";
import type { DraftPlan } from "../draft.ts";
import { groupLevels } from "./group-levels.ts";
import { orderOverlaps } from "./order-overlaps.ts";
import type { Mended } from "./order-overlaps.ts";

/** Does what code can do by itself to make a plan safe: groups levels that are too wide, and orders what overlaps. */
export function mend(plan: DraftPlan, search: OverlapSearch): Mended {
  const grouped = groupLevels(plan);
  const ordered = orderOverlaps(grouped.plan, search);
  return { plan: ordered.plan, notes: [...grouped.notes, ...ordered.notes] };
}

/** A mark that no task's name follows stays in the title. */
const leftover = /\b(?:after|depends on|blocked by)\s*:/iu;

/**
 * Takes a person's own list at its word where a model's would be sent back: a scope that matches nothing is new, and what is vague, large
 * or without a scope is only said.
 */
export function takeAtItsWord(plan: DraftPlan, tree: Tree): Mended {
  const notes: string[] = [];
  const leaves = new Set(leavesOf(plan.tasks).map(({ id }) => id));
  const tasks = plan.tasks.map((task) => {
    const { id, title, scope, minutes } = task;
    if (!leaves.has(id)) {
      return task;
    }
    const fresh = scope.filter((path) => !tree.has(path));
    notes.push(
      ...fresh.map((path) => `${id}: ${path} is not in the tree; it counts as new.`),
      ...(scope.length === 0
        ? [`${id} claims no paths, so nothing keeps others out of its files.`]
        : []),
      ...(isFiller(title)
        ? [`${id} is called ${JSON.stringify(title)}, which names nothing.`]
        : []),
      ...(leftover.test(title)
        ? [
            `${id}: what ${JSON.stringify(title)} says it comes after is no task's name, as T1 or #1; it waits for nothing.`,
          ]
        : []),
      ...(minutes > mostMinutes
        ? [`${id} is to take ${String(minutes)} minutes; consider splitting it.`]
        : []),
    );
    return { ...task, fresh };
  });
  return { plan: { ...plan, tasks }, notes };
}
