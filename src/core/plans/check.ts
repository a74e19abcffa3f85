import { nearest } from "../base/nearest.ts";
import type { DecodedPlan, DecodedTask } from "./decode.ts";
import { planErrors } from "./errors.ts";
import type { Faults } from "./fields.ts";
import { findCycle } from "./graph.ts";
import type { Place } from "./text-tree.ts";

/** Containers may stand in containers, so many levels deep. */
const deepestContainer = 16;

/** Checks what only the whole plan shows: ids that are there once, names that exist, no cycle. */
export function checkPlan({ tasks }: DecodedPlan, faults: Faults): void {
  const known = checkIds(tasks, faults);
  for (const task of tasks) {
    checkDependencies(task, known, faults);
    checkParent(task, known, faults);
  }
  if (faults.all.length === 0) {
    checkOrder(tasks, faults);
  }
}

function checkIds(tasks: readonly DecodedTask[], faults: Faults): ReadonlyMap<string, DecodedTask> {
  const known = new Map<string, DecodedTask>();
  for (const task of tasks) {
    const { id } = task.draft;
    const first = known.get(id);
    if (id !== "" && first !== undefined) {
      faults.add(planErrors.planDuplicate, {
        at: task.idAt,
        path: `${task.path}.id`,
        message: `Two tasks have the id ${id}; the first is on line ${first.idAt.line}.`,
        fix: "Give one of them another id.",
      });
    } else {
      known.set(id, task);
    }
  }
  return known;
}

interface Reference {
  readonly id: string;
  readonly at: Place;
  readonly path: string;
}

function checkDependencies(
  task: DecodedTask,
  known: ReadonlyMap<string, DecodedTask>,
  faults: Faults,
): void {
  for (const reference of task.dependencies) {
    if (reference.id === task.draft.id) {
      faults.add(planErrors.planCycle, {
        ...reference,
        message: `Task ${reference.id} depends on itself: ${reference.id} -> ${reference.id}.`,
        fix: "Remove it from its own `depends_on`.",
      });
    } else if (!known.has(reference.id)) {
      addUnknown(faults, { ...reference, of: task.draft.id }, known);
    }
  }
}

function checkParent(
  task: DecodedTask,
  known: ReadonlyMap<string, DecodedTask>,
  faults: Faults,
): void {
  const { parent, id } = task.draft;
  const reference = { id: parent ?? "", at: task.parentAt, path: `${task.path}.parent` };
  if (parent === id) {
    faults.add(planErrors.planCycle, {
      ...reference,
      message: `Task ${id} is its own parent: ${id} -> ${id}.`,
      fix: "Remove its `parent`.",
    });
  } else if (parent !== null && !known.has(parent)) {
    addUnknown(faults, { ...reference, of: id }, known);
  }
}

/** `of` is the task that names it, which cannot be meant. */
function addUnknown(
  faults: Faults,
  { of, ...reference }: Reference & { readonly of: string },
  known: ReadonlyMap<string, DecodedTask>,
): void {
  const others = [...known.keys()].filter((id) => id !== of);
  const close = known.size > 2_000 ? null : nearest(reference.id, others);
  faults.add(planErrors.planReference, {
    ...reference,
    message: `The plan has no task ${reference.id}.${close === null ? "" : ` Did you mean \`${close}\`?`}`,
    fix: close === null ? "Add the task, or remove the name." : `Write \`${close}\`.`,
  });
}

function checkOrder(tasks: readonly DecodedTask[], faults: Faults): void {
  const byId = new Map(tasks.map((task) => [task.draft.id, task]));
  const cycle = findCycle(tasks.map(({ draft }) => draft));
  if (cycle !== null) {
    addCycle(faults, cycle, byId);
    return;
  }
  const deep = tasks.find((task) => levelOf(task, byId) > deepestContainer);
  if (deep !== undefined) {
    faults.add(planErrors.planTooLarge, {
      at: deep.parentAt,
      path: `${deep.path}.parent`,
      message: `Task ${deep.draft.id} stands in more than ${deepestContainer} containers.`,
      fix: "Nest less deeply.",
    });
  }
}

function addCycle(
  faults: Faults,
  cycle: readonly string[],
  byId: ReadonlyMap<string, DecodedTask>,
): void {
  const edges = cycle.flatMap(
    (id, at) => byId.get(id)?.dependencies.filter((one) => one.id === cycle[at + 1]) ?? [],
  );
  faults.add(planErrors.planCycle, {
    at: edges[0]?.at ?? byId.get(cycle[0] ?? "")?.idAt ?? { line: 1, column: 1 },
    path: edges[0]?.path ?? "tasks",
    message: `These tasks wait for each other: ${shortened(cycle)}.`,
    fix:
      edges.length === cycle.length - 1
        ? "Remove one of these dependencies."
        : "Remove one `depends_on` or `parent` among them: a container ends after all that is in it.",
  });
}

const namedInCycle = 12;

function shortened(cycle: readonly string[]): string {
  const shown =
    cycle.length > namedInCycle
      ? [
          ...cycle.slice(0, namedInCycle - 2),
          `(${cycle.length - namedInCycle} more)`,
          ...cycle.slice(-2),
        ]
      : cycle;
  return shown.join(" -> ");
}

function levelOf(task: DecodedTask, byId: ReadonlyMap<string, DecodedTask>): number {
  let level = 0;
  let above = task.draft.parent;
  while (above !== null && level <= deepestContainer) {
    level += 1;
    above = byId.get(above)?.draft.parent ?? null;
  }
  return level;
}
