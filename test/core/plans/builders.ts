import type { PlanDraft, TaskDraft } from "../../../src/core/plans/index.ts";

/** A task as a file would say it, with what is odd about it. */
export function aTask(odd: Partial<TaskDraft> & { readonly id: string }): TaskDraft {
  return {
    title: `Task ${odd.id}`,
    spec: "",
    files: [],
    dependsOn: [],
    priority: "medium",
    minutes: 30,
    skills: [],
    accept: [],
    parent: null,
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: false,
    line: null,
    ...odd,
  };
}

/** A plan of tasks; `verify: merge` unless told otherwise. */
export function aPlan(tasks: readonly TaskDraft[], odd: Partial<PlanDraft> = {}): PlanDraft {
  return { id: "demo", title: "Demo", verify: "merge", budgetMicroUsd: null, tasks, ...odd };
}

/** Tasks by id and what they depend on: `chain("A", "B:A", "C:A,B")`. */
export function chain(...words: readonly string[]): PlanDraft {
  return aPlan(
    words.map((word) => {
      const [id = "", names = ""] = word.split(":");
      return aTask({ id, dependsOn: names === "" ? [] : names.split(",") });
    }),
  );
}
