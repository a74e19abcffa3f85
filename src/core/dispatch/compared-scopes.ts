import type { Meeting } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";

/** What was found when a task's scope was compared with all that was held. */
export type Compared =
  | { readonly kind: "clear" }
  /** `file` is the task's own text of what met a lease. */
  | { readonly kind: "met"; readonly meeting: Meeting; readonly file: string };

/**
 * What this process found when it compared ready tasks last, so that a search goes on where the one before had to stop. It only says where to
 * look: a lease that was met is looked up again, and whoever takes a clear scope asks for conflicts first.
 */
export interface ComparedScopes {
  /** Null where the task was not compared since it changed. */
  at(task: Candidate): Compared | null;
  note(task: Candidate, compared: Compared): void;
  forget(task: Candidate): void;
}

/** More ready tasks than ten of the largest plans have; the oldest go first. */
const mostTasks = 200_000;

export function createComparedScopes(): ComparedScopes {
  const known = new Map<string, Compared & { readonly version: number }>();
  return {
    at: (task) => {
      const seen = known.get(keyOf(task));
      return seen?.version === task.version ? seen : null;
    },
    note: (task, compared) => {
      const [oldest] = known.size < mostTasks ? [] : known.keys();
      known.delete(oldest ?? keyOf(task));
      known.set(keyOf(task), { ...compared, version: task.version });
    },
    forget: (task) => {
      known.delete(keyOf(task));
    },
  };
}

function keyOf({ plan, id }: Candidate): string {
  return `${plan}/${id}`;
}
