import { inOrder } from "../../plans/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftTask } from "../draft.ts";
import { graphOf } from "../graph.ts";

/** How a plan runs when there are agents enough. */
export interface Schedule {
  /** The chain of tasks that decides how long all of it takes, first to last. */
  readonly criticalPath: readonly string[];
  /** The minutes of that chain. */
  readonly minutes: number;
  /** How many tasks run at once at most, each begun as soon as it may. */
  readonly width: number;
}

interface Run {
  readonly startMinute: number;
  readonly endMinute: number;
  /** The task that it waited for longest, or null. */
  readonly after: string | null;
}

/** Lays tasks out in time. Ticked tasks take none. The tasks must have no circle; if they have, nothing is laid out. */
export function scheduleOf(tasks: readonly DraftTask[]): Schedule {
  const runs = layOut(tasks);
  const end = lastOf(runs.keys(), runs);
  return {
    criticalPath: chainTo(end, runs),
    minutes: end === null ? 0 : (runs.get(end)?.endMinute ?? 0),
    width: widest([...runs.values()].filter((run) => isWork(run))),
  };
}

function layOut(tasks: readonly DraftTask[]): ReadonlyMap<string, Run> {
  const runs = new Map<string, Run>();
  const graph = graphOf(tasks);
  if (graph === null) {
    return runs;
  }
  const minutes = minutesOf(tasks);
  for (const id of inOrder(graph.edges)) {
    const after = lastOf(graph.edges.get(id) ?? [], runs);
    const startMinute = after === null ? 0 : (runs.get(after)?.endMinute ?? 0);
    runs.set(id, { startMinute, endMinute: startMinute + (minutes.get(id) ?? 0), after });
  }
  return runs;
}

/** What is left to do of each task; a container has no work of its own. */
function minutesOf(tasks: readonly DraftTask[]): ReadonlyMap<string, number> {
  const leaves = leavesOf(tasks).filter(({ isDone }) => !isDone);
  return new Map(leaves.map(({ id, minutes }) => [id, minutes]));
}

function isWork({ startMinute, endMinute }: Run): boolean {
  return endMinute > startMinute;
}

/** The one that ends last. */
function lastOf(ids: Iterable<string>, runs: ReadonlyMap<string, Run>): string | null {
  let last: string | null = null;
  let endMinute = -1;
  for (const id of ids) {
    const run = runs.get(id);
    if (run !== undefined && run.endMinute > endMinute) {
      last = id;
      ({ endMinute } = run);
    }
  }
  return last;
}

function chainTo(end: string | null, runs: ReadonlyMap<string, Run>): readonly string[] {
  const chain: string[] = [];
  for (let id = end; id !== null; id = runs.get(id)?.after ?? null) {
    const run = runs.get(id);
    if (run !== undefined && isWork(run)) {
      chain.unshift(id);
    }
  }
  return chain;
}

/** Where one ends as another begins, the two do not run at once. */
function widest(runs: readonly Run[]): number {
  const steps = runs.flatMap(({ startMinute, endMinute }) => [
    { minute: startMinute, change: 1 },
    { minute: endMinute, change: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { change } of steps.toSorted(
    (one, other) => one.minute - other.minute || one.change - other.change,
  )) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
