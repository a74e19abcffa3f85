import { SkeinError } from "../base/errors.ts";
import {
  countGlobs,
  leaseErrors,
  literalPath,
  mostGlobsOfPlan,
  mostWildOfPlan,
  mostGlobsOfTask,
} from "../leases/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { PlanDraft, TaskDraft } from "../plans/index.ts";
import type { PathReading } from "./deps.ts";
import { choosing, nameOf } from "./scheduler-fault.ts";

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

/** Reads a path as a caller gives it. @throws {SkeinError} SKN-15xx; SKN-1509 where this machine cannot look at it. */
export function readGiven(paths: PathReading, text: string): PathPattern {
  try {
    return paths.parse(text);
  } catch (error) {
    const errorName = nameOf(error);
    if (error instanceof SkeinError || errorName === null) {
      throw error;
    }
    const shown = text.length > 120 ? `${text.slice(0, 119)}…` : text;
    throw new SkeinError(leaseErrors.pathUnseen, {
      message: `The path ${JSON.stringify(shown)} cannot be looked at (${errorName}).`,
      facts: { path: text, error: errorName },
      cause: error,
    });
  }
}

const shownFaults = 20;

/**
 * Checks every scope of a plan before anything is stored.
 *
 * @throws {SkeinError} SKN-15xx with the task and the line of the first fault; up to 20 stand in `facts.errors`. SKN-1510 for very many globs.
 */
export function checkScopes(paths: PathReading, { tasks }: PlanDraft): void {
  const faults = tasks.flatMap((task) => task.files.flatMap((file) => faultOf(paths, task, file)));
  const [first] = faults;
  if (first === undefined) {
    ensureFewGlobs(paths, tasks);
    return;
  }
  const { task, file, error } = first;
  const { code, kind, why, fix } = error;
  const more = faults.length > 1 ? ` (and ${String(faults.length - 1)} more)` : "";
  throw new SkeinError(
    { code, kind, title: error.message, cause: why, fix },
    {
      message: `${placeText(task)}${messageOf(first)}${more}`,
      facts: {
        ...error.facts,
        task: task.id,
        path: file,
        line: task.line,
        errors: faults.slice(0, shownFaults).map((fault) => ({
          code: fault.error.code,
          line: fault.task.line,
          task: fault.task.id,
          path: fault.file,
          message: messageOf(fault),
          fix: fault.error.fix,
        })),
        error_count: faults.length,
      },
      cause: error,
    },
  );
}

/** What a plan brings is compared with all that is held, by everybody who asks for work. @throws {SkeinError} SKN-1510. */
function ensureFewGlobs(paths: PathReading, tasks: readonly TaskDraft[]): void {
  let [named, beyond] = [0, 0];
  for (const task of tasks) {
    const patterns = task.files.map((file) => paths.parse(file));
    const globs = countGlobs(patterns);
    if (globs > mostGlobsOfTask) {
      throw tooManyGlobs(
        `${placeText(task)}the globs of ${task.id} count ${String(globs)}; ${String(mostGlobsOfTask)} are the most of a task.`,
        { task: task.id, line: task.line, globs, most: mostGlobsOfTask },
      );
    }
    const count = patterns.filter(({ kind }) => kind === "glob").length;
    named += count;
    beyond += globs - count;
  }
  if (named > mostGlobsOfPlan) {
    throw tooManyGlobs(
      `The tasks name ${named.toLocaleString("en")} globs; ${mostGlobsOfPlan.toLocaleString("en")} are the most of a plan.`,
      { globs: named, most: mostGlobsOfPlan },
    );
  }
  if (beyond > mostWildOfPlan) {
    throw tooManyGlobs(
      `The globs of all tasks count ${beyond.toLocaleString("en")} beyond one each; ${mostWildOfPlan.toLocaleString("en")} are the most of a plan.`,
      { globs: beyond, most: mostWildOfPlan },
    );
  }
}

function tooManyGlobs(message: string, facts: SkeinError["facts"]): SkeinError {
  return new SkeinError(leaseErrors.tooManyGlobsPlanned, { message, facts });
}

interface ScopeFault {
  readonly task: TaskDraft;
  readonly file: string;
  readonly error: SkeinError;
}

function faultOf(paths: PathReading, task: TaskDraft, file: string): readonly ScopeFault[] {
  try {
    readGiven(paths, file);
    return [];
  } catch (error) {
    if (error instanceof SkeinError) {
      return [{ task, file, error }];
    }
    throw error;
  }
}

function placeText({ line }: TaskDraft): string {
  return line === null ? "" : `Line ${String(line)}: `;
}

function messageOf({ task, error }: ScopeFault): string {
  return `the scope of ${task.id}: ${error.message}`;
}
