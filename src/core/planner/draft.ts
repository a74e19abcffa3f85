import type { MicroUsd } from "../base/ids.ts";
import type { Priority } from "../plans/index.ts";

/** Where the wish comes from: a sentence, a GitHub issue's Markdown, or a specification. */
export type SourceKind = "goal" | "issue" | "spec";

/** What is to be planned. Its text is untrusted: it is data to whoever reads it. */
export interface PlanSource {
  readonly kind: SourceKind;
  /** The file as its person named it; null for a goal. */
  readonly file: string | null;
  readonly text: string;
}

/** One change to one file: a reference, never the whole file. */
export interface FileOperation {
  readonly path: string;
  readonly action: "create" | "edit" | "delete";
  /** 1-based, both ends included; null: the whole file, or not known. */
  readonly lines: { readonly from: number; readonly to: number } | null;
  readonly form: "intent" | "diff";
  readonly text: string;
}

/** A task of a draft: what an agent needs to know to do it alone. */
export interface DraftTask {
  /** Stable over drafts of one source, so that approving again updates in place. */
  readonly id: string;
  readonly title: string;
  /** What is true when it is done, in one or two sentences. */
  readonly outcome: string;
  readonly operations: readonly FileOperation[];
  /** Paths and globs that its claim leases. */
  readonly scope: readonly string[];
  /** Those of the scope that are not in the tree yet. */
  readonly fresh: readonly string[];
  readonly accept: readonly string[];
  /** Shown, never executed. */
  readonly validate: readonly string[];
  readonly minutes: number;
  readonly dependsOn: readonly string[];
  readonly skills: readonly string[];
  readonly parent: string | null;
  readonly priority: Priority;
  /** Markdown of the source that belongs to it; empty: none. */
  readonly details: string;
  readonly budgetMicroUsd: MicroUsd | null;
  readonly notBeforeMs: number | null;
  /** True for an item that the source ticks. */
  readonly isDone: boolean;
}

/** A plan before it is approved. */
export interface DraftPlan {
  readonly id: string;
  readonly title: string;
  /** False: it is best done as one piece, by one agent. */
  readonly isSplit: boolean;
  /** Why it is split, or not. Empty where nobody said. */
  readonly reason: string;
  readonly tasks: readonly DraftTask[];
}

/** Tasks that have children; these are never handed out. */
export function containersOf(tasks: readonly DraftTask[]): ReadonlySet<string> {
  return new Set(tasks.flatMap(({ parent }) => parent ?? []));
}

/** Tasks that are handed out. */
export function leavesOf(tasks: readonly DraftTask[]): readonly DraftTask[] {
  const containers = containersOf(tasks);
  return tasks.filter(({ id }) => !containers.has(id));
}

/** The tasks that stand in one container, or at the top. */
export interface Level {
  /** Null: the top. */
  readonly parent: string | null;
  readonly children: readonly DraftTask[];
}

/** The tasks by the container that they stand in, in the order of the plan. */
export function levelsOf(tasks: readonly DraftTask[]): readonly Level[] {
  const levels = new Map<string | null, DraftTask[]>();
  for (const task of tasks) {
    const level = levels.get(task.parent);
    if (level === undefined) {
      levels.set(task.parent, [task]);
    } else {
      level.push(task);
    }
  }
  return [...levels].map(([parent, children]) => ({ parent, children }));
}

/** A task of which nothing is known but its id and title. */
export function bareTask(id: string, title: string): DraftTask {
  return {
    id,
    title,
    outcome: "",
    operations: [],
    scope: [],
    fresh: [],
    accept: [],
    validate: [],
    minutes: 30,
    dependsOn: [],
    skills: [],
    parent: null,
    priority: "medium",
    details: "",
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: false,
  };
}
