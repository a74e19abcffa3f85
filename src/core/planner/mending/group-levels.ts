import { mostChildren } from "../checks/check-structure.ts";
import { bareTask, levelsOf } from "../draft.ts";
import type { DraftPlan, DraftTask, Level } from "../draft.ts";
import { freeId } from "../plan-id.ts";
import type { Mended } from "./order-overlaps.ts";

/** Puts the tasks of a level that has more than 8 into containers of neighbours, as evenly as can be. Ids and order stay. */
export function groupLevels(plan: DraftPlan): Mended {
  const taken = new Set(plan.tasks.map(({ id }) => id));
  const notes: string[] = [];
  let tasks = plan.tasks;
  for (let wide = wideLevel(tasks); wide !== null; wide = wideLevel(tasks)) {
    const { parent, children } = wide;
    const groups = evenly(children);
    tasks = grouped(tasks, { parent, groups, taken });
    notes.push(
      `${parent ?? "The top"} had ${String(children.length)} tasks; they stand in ${String(groups.length)} groups now.`,
    );
  }
  return { plan: { ...plan, tasks }, notes };
}

function wideLevel(tasks: readonly DraftTask[]): Level | null {
  return levelsOf(tasks).find(({ children }) => children.length > mostChildren) ?? null;
}

function evenly(children: readonly DraftTask[]): readonly (readonly DraftTask[])[] {
  const count = Math.ceil(children.length / mostChildren);
  const size = children.length / count;
  return Array.from({ length: count }, (_, at) =>
    children.slice(Math.round(at * size), Math.round((at + 1) * size)),
  );
}

interface Grouping {
  readonly parent: string | null;
  readonly groups: readonly (readonly DraftTask[])[];
  readonly taken: Set<string>;
}

/** Each group's container stands right before its first task. */
function grouped(
  tasks: readonly DraftTask[],
  { parent, groups, taken }: Grouping,
): readonly DraftTask[] {
  const containerOf = new Map<string, DraftTask>();
  const before = new Map<string, DraftTask>();
  for (const [at, group] of groups.entries()) {
    const [first] = group;
    const last = group.at(-1);
    const id = freeId(`${parent ?? "group"}-${String(at + 1)}`, taken);
    const title = `From ${first?.id ?? ""} to ${last?.id ?? ""}`;
    const container = { ...bareTask(id, title), parent };
    before.set(first?.id ?? "", container);
    for (const task of group) {
      containerOf.set(task.id, container);
    }
  }
  return tasks.flatMap((task) => {
    const container = containerOf.get(task.id);
    const own = container === undefined ? task : { ...task, parent: container.id };
    const opened = before.get(task.id);
    return opened === undefined ? [own] : [opened, own];
  });
}
