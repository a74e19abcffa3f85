import { inOrder } from "../../plans/index.ts";
import type { OverlapSearch } from "../../plans/index.ts";
import { overlapsOf } from "../checks/check-overlaps.ts";
import type { DraftPlan } from "../draft.ts";
import { graphOf } from "../graph.ts";

/** A plan that code has mended, and what it did, in sentences. */
export interface Mended {
  readonly plan: DraftPlan;
  readonly notes: readonly string[];
}

/** More rounds than this a plan is not looked at: each finds up to 20 pairs. */
const mostRounds = 100;

/**
 * Puts tasks whose scopes overlap one behind the other. The later one in an order that the plan already has waits for the earlier one, so no
 * circle can come of it.
 */
export function orderOverlaps(plan: DraftPlan, search: OverlapSearch): Mended {
  let current = plan;
  const notes: string[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const { overlaps } = overlapsOf(current, search);
    const graph = graphOf(current.tasks);
    if (overlaps.length === 0 || graph === null) {
      return { plan: current, notes };
    }
    const places = new Map(inOrder(graph.edges).map((id, at) => [id, at]));
    for (const { tasks, files } of overlaps) {
      const [first, second] = tasks.toSorted(
        (one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0),
      );
      if (first !== undefined && second !== undefined) {
        current = withDependency(current, second, first);
        notes.push(
          `${second} waits for ${first} now: both work on ${files[0] === files[1] ? files[0] : files.join(" and ")}.`,
        );
      }
    }
  }
  return { plan: current, notes };
}

function withDependency(plan: DraftPlan, id: string, dependency: string): DraftPlan {
  const tasks = plan.tasks.map((task) =>
    task.id === id && !task.dependsOn.includes(dependency)
      ? { ...task, dependsOn: [...task.dependsOn, dependency] }
      : task,
  );
  return { ...plan, tasks };
}
