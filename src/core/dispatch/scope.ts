import { SkeinError } from "../base/errors.ts";
import { literalPath } from "../leases/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { PlanDraft, TaskDraft } from "../plans/index.ts";
import type { PathReading } from "./deps.ts";
import { choosing } from "./scheduler-fault.ts";

/**
 * Reads a stored task's scope. It was checked when it came in; what can no longer be read (a file named `[a`, deleted since) stands for
 * itself, so that one task never keeps the others from being handed out.
 *
 * @throws {SchedulerFault} For a path that cannot even be looked at.
 */
export function scopeOf(paths: PathReading, { plan, id, files }: Scoped): readonly PathPattern[] {
  return files.map((file) => {
    try {
      return choosing(`reading the paths of ${plan}/${id}`, () => paths.parse(file));
    } catch (error) {
      if (error instanceof SkeinError) {
        return literalPath(file);
      }
      throw error;
    }
  });
}

/** The scopes of some tasks, each read once: within a transaction nothing that they name comes or goes. */
export interface Scopes {
  of(task: Scoped): readonly PathPattern[];
}

interface Scoped {
  readonly plan: string;
  readonly id: string;
  readonly files: readonly string[];
}

export function createScopes(paths: PathReading): Scopes {
  const known = new Map<Scoped, readonly PathPattern[]>();
  return {
    of: (task) => {
      const patterns = known.get(task) ?? scopeOf(paths, task);
      known.set(task, patterns);
      return patterns;
    },
  };
}

/** Checks every scope of a plan before anything is stored. @throws {SkeinError} SKN-15xx with the task and the line. */
export function checkScopes(paths: PathReading, { tasks }: PlanDraft): void {
  for (const task of tasks) {
    for (const file of task.files) {
      checkScope(paths, task, file);
    }
  }
}

function checkScope(paths: PathReading, task: TaskDraft, file: string): void {
  try {
    paths.parse(file);
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    const place = task.line === null ? "" : `Line ${String(task.line)}: `;
    const { code, kind, why, fix } = error;
    throw new SkeinError(
      { code, kind, title: error.message, cause: why, fix },
      {
        message: `${place}the scope of ${task.id}: ${error.message}`,
        facts: { ...error.facts, task: task.id, path: file, line: task.line },
        cause: error,
      },
    );
  }
}
