import { nearest } from "../../base/nearest.ts";
import { findCycle } from "../../plans/index.ts";
import { leavesOf, levelsOf } from "../draft.ts";
import type { DraftPlan, DraftTask } from "../draft.ts";
import type { DraftFault } from "./fault.ts";

/** Tasks in one container, or at the top. */
export const mostChildren = 8;
/** A task that takes longer is more than one. */
export const mostMinutes = 240;

/** Checks ids, names, order, breadth and sizes. */
export function checkStructure({ tasks, isSplit }: DraftPlan): readonly DraftFault[] {
  const known = new Set(tasks.map(({ id }) => id));
  return [
    ...checkIds(tasks),
    ...tasks.flatMap((task) => checkReferences(task, known)),
    ...checkCycle(tasks),
    ...checkBreadth(tasks),
    ...leavesOf(tasks).flatMap((task) => checkSize(task, isSplit)),
  ];
}

function checkIds(tasks: readonly DraftTask[]): readonly DraftFault[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id } of tasks) {
    if (seen.has(id)) {
      twice.add(id);
    }
    seen.add(id);
  }
  return [...twice].map((id) => ({
    rule: "reference",
    tasks: [id],
    message: `Two tasks have the key ${id}. Give each a key of its own.`,
  }));
}

function checkReferences(
  { id, dependsOn, parent }: DraftTask,
  known: ReadonlySet<string>,
): readonly DraftFault[] {
  const wrong = [...dependsOn, ...(parent === null ? [] : [parent])].filter(
    (name) => !known.has(name),
  );
  return wrong.map((name) => {
    const close = nearest(name, known);
    return {
      rule: "reference",
      tasks: [id],
      message: `${id} names ${name}, but there is no such task.${close === null ? "" : ` The nearest is ${close}.`}`,
    };
  });
}

function checkCycle(tasks: readonly DraftTask[]): readonly DraftFault[] {
  const circle = findCycle(tasks);
  return circle === null
    ? []
    : [
        {
          rule: "cycle",
          tasks: [...new Set(circle)],
          message: `These tasks wait for each other: ${circle.join(" -> ")}. Remove one of the dependencies.`,
        },
      ];
}

function checkBreadth(tasks: readonly DraftTask[]): readonly DraftFault[] {
  return levelsOf(tasks)
    .filter(({ children }) => children.length > mostChildren)
    .map(({ parent, children }) => ({
      rule: "breadth",
      tasks: children.map(({ id }) => id),
      message: `${parent ?? "The top"} has ${String(children.length)} tasks; a level holds at most ${String(mostChildren)}. Merge some, or group them under containers.`,
    }));
}

function checkSize({ id, minutes }: DraftTask, isSplit: boolean): readonly DraftFault[] {
  return minutes <= mostMinutes || !isSplit
    ? []
    : [
        {
          rule: "size",
          tasks: [id],
          message: `${id} is to take ${String(minutes)} minutes; a task takes at most ${String(mostMinutes)}. Split it.`,
        },
      ];
}
