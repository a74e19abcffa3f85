import { cleanLine } from "../../base/text.ts";
import type { PlanDraft, TaskDraft } from "../../plans/index.ts";
import { priorityOfLabels } from "../child.ts";
import type { ChildrenPlan, PlannedChild } from "../children-plan.ts";
import type { ChildState } from "../state.ts";

/** What GitHub owns of a child beside its being open. */
export interface ChildWords {
  readonly title: string;
  readonly labels: readonly string[];
}

/** The task of one attempt at a child: the key, and from the second on `.r` and its number. */
export function taskIdOf({ key, round }: Pick<ChildState, "key" | "round">): string {
  return round === 1 ? key : `${key}.r${String(round)}`;
}

/** All attempts at a child, the first one first. */
export function taskIdsOf({ key, round }: Pick<ChildState, "key" | "round">): readonly string[] {
  return Array.from({ length: round }, (_, at) => taskIdOf({ key, round: at + 1 }));
}

/**
 * The Skein plan of an issue as it is imported: scope and dependencies as approved, titles and priorities as GitHub has them, children that
 * are settled as done ticked. It follows from its arguments alone, so that every machine comes to the same plan.
 */
export function taskPlan(
  plan: ChildrenPlan,
  children: readonly ChildState[],
  words: ReadonlyMap<string, ChildWords>,
): PlanDraft {
  const ids = new Map(children.map((child) => [child.key, taskIdOf(child)]));
  return {
    id: plan.id,
    title: plan.title === "" ? plan.id : plan.title,
    verify: "merge",
    budgetMicroUsd: null,
    tasks: plan.children.flatMap((planned) => {
      const child = children.find(({ key }) => key === planned.key);
      const own = words.get(planned.key);
      return child === undefined ? [] : [taskOf(planned, { child, ids, words: own ?? null })];
    }),
  };
}

interface Around {
  readonly child: ChildState;
  readonly ids: ReadonlyMap<string, string>;
  /** Null: GitHub was not asked. */
  readonly words: ChildWords | null;
}

function taskOf(planned: PlannedChild, { child, ids, words }: Around): TaskDraft {
  const title = cleanLine(words?.title ?? planned.title, 200);
  return {
    id: taskIdOf(child),
    title: title === "" ? planned.key : title,
    spec: specOf(planned, child),
    files: planned.scope,
    dependsOn: planned.dependsOn.flatMap((key) => ids.get(key) ?? []),
    priority:
      (words === null ? null : priorityOfLabels(words.labels)) ?? priorityAt(planned, words),
    minutes: planned.minutes,
    skills: planned.skills,
    accept: planned.accept,
    parent: null,
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: child.settled === "completed",
    line: null,
  };
}

/** Without a label of that kind a task is of medium priority: that is how it was made. */
function priorityAt(planned: PlannedChild, words: ChildWords | null): TaskDraft["priority"] {
  return words === null ? planned.priority : "medium";
}

function specOf({ spec, outcome }: PlannedChild, { number, round }: ChildState): string {
  const again = round === 1 ? "" : ` It was reopened: this is attempt ${String(round)}.`;
  const head = `GitHub issue #${String(number)}.${again}`;
  return [head, spec === "" ? outcome : spec].filter((part) => part !== "").join("\n\n");
}
