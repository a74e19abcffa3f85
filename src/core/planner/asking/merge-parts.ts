import { bareTask } from "../draft.ts";
import type { DraftPlan, DraftTask } from "../draft.ts";
import type { GoalPart } from "./parts.ts";

/** What one planner made of its part; null: no plan could be read. */
export interface PlannedPart {
  readonly part: GoalPart;
  readonly plan: DraftPlan | null;
}

/**
 * Puts the plans of the parts together: each part is a container of its tasks, or the one task that it has. Keys get the part's in front, so
 * that no two meet; a dependency on another part's id waits for all of it.
 */
export function mergeParts(
  planned: readonly PlannedPart[],
  { id, title }: Pick<DraftPlan, "id" | "title">,
): DraftPlan {
  const parts = new Set(planned.map(({ part }) => part.id));
  return {
    id,
    title,
    isSplit: true,
    reason: `Its ${String(planned.length)} parts were planned side by side.`,
    tasks: planned.flatMap(({ part, plan }) => tasksOf(part, plan, parts)),
  };
}

function tasksOf(
  part: GoalPart,
  plan: DraftPlan | null,
  parts: ReadonlySet<string>,
): readonly DraftTask[] {
  const [only, ...others] = plan?.tasks ?? [];
  if (only === undefined) {
    return [{ ...bareTask(part.id, part.title), outcome: part.title }];
  }
  const own = new Set((plan?.tasks ?? []).map((task) => task.id));
  const named = (key: string): string =>
    !own.has(key) && parts.has(key) ? key : `${part.id}.${key}`.slice(0, 64);
  const outside = ({ dependsOn }: DraftTask): readonly string[] =>
    dependsOn.map((key) => named(key)).filter((key) => key !== part.id);
  if (others.length === 0) {
    return [{ ...only, id: part.id, parent: null, dependsOn: outside(only) }];
  }
  return [
    { ...bareTask(part.id, part.title), outcome: part.title },
    ...[only, ...others].map((task) => ({
      ...task,
      id: named(task.id),
      parent: task.parent === null ? part.id : named(task.parent),
      dependsOn: outside(task),
    })),
  ];
}
