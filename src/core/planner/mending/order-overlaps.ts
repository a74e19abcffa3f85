import type { OverlapSearch } from "../../plans/index.ts";
import { tooLargeText } from "../checks/check-overlaps.ts";
import { findUnordered } from "../checks/find-unordered.ts";
import type { DraftPlan } from "../draft.ts";

/** A plan that code has mended, and what it did, in sentences. */
export interface Mended {
  readonly plan: DraftPlan;
  readonly notes: readonly string[];
}

/**
 * Puts tasks whose scopes overlap one behind the other. The later one in an order that the plan already has waits for the earlier one, so no
 * circle can come of it.
 */
export function orderOverlaps(plan: DraftPlan, search: OverlapSearch): Mended {
  const { pairs, isComplete } = findUnordered(plan, search);
  const added = new Map<string, string[]>();
  for (const { first, second } of pairs) {
    added.set(second, [...(added.get(second) ?? []), first]);
  }
  const tasks = plan.tasks.map((task) => {
    const more = added.get(task.id);
    return more === undefined ? task : { ...task, dependsOn: [...task.dependsOn, ...more] };
  });
  const notes = pairs.map(
    ({ first, second, files: [one, other] }) =>
      `${second} waits for ${first} now: both work on ${one === other ? one : `${one} and ${other}`}.`,
  );
  return { plan: { ...plan, tasks }, notes: isComplete ? notes : [...notes, tooLargeText] };
}
