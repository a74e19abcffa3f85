import { SkeinError, defineErrors } from "../base/errors.ts";
import type { ErrorEntry } from "../base/errors.ts";

/** The part of the error catalogue that speaks of plans and tasks. */
export const planErrors = defineErrors({
  planSyntax: {
    code: "SKN-1401",
    kind: "usage",
    title: "The plan file cannot be read",
    cause: "The text is not valid YAML, JSON or a Markdown checklist.",
    fix: "Mend the text at the named line and column, then import again.",
  },
  planKey: {
    code: "SKN-1402",
    kind: "usage",
    title: "The plan file has an unknown key",
    cause: "Only the keys of the plan contract are read; an unknown one is mostly a typing error.",
    fix: "Correct or remove the key; docs/plans.md lists them all.",
  },
  planValue: {
    code: "SKN-1403",
    kind: "usage",
    title: "A field of the plan file has a wrong value",
    cause: "The value has the wrong type or lies outside its range.",
    fix: "Write a value as docs/plans.md describes it.",
  },
  planMissing: {
    code: "SKN-1404",
    kind: "usage",
    title: "The plan file lacks a field",
    cause: "A plan needs `plan` and `tasks`, a task needs `id` and `title`.",
    fix: "Add the field.",
  },
  planDuplicate: {
    code: "SKN-1405",
    kind: "usage",
    title: "The plan file says something twice",
    cause: "Two tasks share an id, or a key stands twice in one place.",
    fix: "Rename or remove one of the two.",
  },
  planReference: {
    code: "SKN-1406",
    kind: "usage",
    title: "The plan file refers to a task that it does not have",
    cause: "`depends_on` and `parent` name tasks of the same file.",
    fix: "Add the task, or correct the name.",
  },
  planCycle: {
    code: "SKN-1407",
    kind: "usage",
    title: "The tasks of the plan wait for each other in a circle",
    cause: "A task can start only when its dependencies are done, so a circle never starts.",
    fix: "Remove one of the dependencies of the named circle.",
  },
  planTooLarge: {
    code: "SKN-1408",
    kind: "usage",
    title: "The plan file is too large",
    cause: "A plan has at most 5 MB of text, 20,000 tasks and 64 KB of spec a task.",
    fix: "Split the plan.",
  },
  planFormat: {
    code: "SKN-1409",
    kind: "usage",
    title: "The format of the plan file is not known",
    cause: "The format is told by the file's name: .yml, .yaml, .json, .md or .markdown.",
    fix: "Rename the file, or name the format.",
  },
  staleFence: {
    code: "SKN-4401",
    kind: "conflict",
    title: "The claim on this task has ended or belongs to another session",
    cause:
      "The fence of the call is not the task's current one, since the claim ran out, was taken back or was finished; or the call came as another session than the one that holds it.",
    fix: "Write nothing more for it and call next_task; do not push the old work.",
  },
  versionConflict: {
    code: "SKN-4402",
    kind: "conflict",
    title: "Somebody else changed this in the meantime",
    cause: "The version that the change was based on is no longer the current one.",
    fix: "Read it again and repeat the change.",
  },
  wrongState: {
    code: "SKN-4403",
    kind: "conflict",
    title: "The task or plan is not in a state that allows this",
    cause:
      "A task moves only along the edges of its machine: pending, claimed, submitted, done, with failed, blocked and canceled at the side. A plan is active, paused or canceled.",
    fix: "Look at its state with `skein task show`.",
  },
  taskInWork: {
    code: "SKN-4404",
    kind: "conflict",
    title: "The new plan changes the role of a task that is being worked on",
    cause: "A claimed or submitted task cannot become a container.",
    fix: "Give the children another parent, or release the task first.",
  },
  tooManyOpen: {
    code: "SKN-4405",
    kind: "conflict",
    title: "The project would have more open tasks than it may have.",
    cause: "`limits.open_tasks` bounds how much of a server one project takes.",
    fix: "Import again when tasks have ended, split the plan, or raise the limit in the server's skein.yml.",
  },
  noPlan: {
    code: "SKN-5401",
    kind: "missing",
    title: "There is no such plan",
    cause: "No plan of this project has that id.",
    fix: "List the plans with `skein plan list`.",
  },
  noTask: {
    code: "SKN-5402",
    kind: "missing",
    title: "There is no such task",
    cause: "No plan of this project has a task with that id.",
    fix: "List the tasks with `skein task list`.",
  },
  ambiguousTask: {
    code: "SKN-5403",
    kind: "missing",
    title: "Several plans have a task of this id",
    cause: "A task's id is unique in its plan only.",
    fix: "Name it as PLAN/TASK.",
  },
});

/** One thing wrong with a plan file, and where. */
export interface PlanFault {
  readonly entry: ErrorEntry;
  readonly message: string;
  readonly fix: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Where in the plan, as `tasks[3].files[0]`; empty for the whole. */
  readonly path: string;
}

const shownFaults = 20;

/** Builds the one error for all faults of a plan file: the first in words, up to 20 in `facts.errors`. */
export function planFaultError(faults: readonly PlanFault[]): SkeinError {
  const sorted = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const [first] = sorted;
  if (first === undefined) {
    throw new TypeError("An error needs at least one fault.");
  }
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : "";
  return new SkeinError(first.entry, {
    message: `Line ${first.line}, column ${first.column}: ${first.message}${more}`,
    fix: first.fix,
    facts: {
      line: first.line,
      column: first.column,
      path: first.path,
      errors: sorted.slice(0, shownFaults).map(({ line, column, path, message, fix, entry }) => ({
        code: entry.code,
        line,
        column,
        path,
        message,
        fix,
      })),
      error_count: sorted.length,
    },
  });
}
