import { comparisonsOf, inOrder } from "../../plans/index.ts";
import type { OverlapSearch } from "../../plans/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftPlan, DraftTask } from "../draft.ts";
import { graphOf } from "../graph.ts";

/** Two tasks that may run at the same time though they share a path. */
export interface UnorderedPair {
  /** The one that comes earlier in an order that the plan has already. */
  readonly first: string;
  readonly second: string;
  /** A path of each scope that the other meets. */
  readonly files: readonly [string, string];
}

export interface Unordered {
  readonly pairs: readonly UnorderedPair[];
  /** False where the plan is too large to compare every pair. */
  readonly isComplete: boolean;
}

/** Beyond these a plan is not compared to its end. */
const mostTasks = 1_000;
const mostComparisons = 300_000;

/**
 * Finds the pairs that have to be put in order, and no more than that: once `second` waits for `first` in each of them, no two tasks that
 * share a path can run at the same time, and there is no circle. Finds nothing in a plan whose own order is broken.
 */
export function findUnordered({ tasks }: DraftPlan, search: OverlapSearch): Unordered {
  const graph = graphOf(tasks);
  const open = new Map(scopedOf(tasks).map((task) => [task.id, task]));
  if (graph === null || open.size > mostTasks) {
    return { pairs: [], isComplete: graph === null };
  }
  const pairs: UnorderedPair[] = [];
  const meets = createMeeting(search);
  const before = new Map<string, Set<string>>();
  const earlier: DraftTask[] = [];
  for (const id of inOrder(graph.edges)) {
    const waitsFor = withAll(graph.edges.get(id) ?? new Set(), before);
    before.set(id, waitsFor);
    const task = open.get(id);
    if (task !== undefined) {
      pairs.push(...pairsOf(task, { earlier, before, waitsFor, meets }));
      earlier.push(task);
    }
  }
  return { pairs, isComplete: meets.isWithinBounds() };
}

interface Behind {
  readonly earlier: readonly DraftTask[];
  readonly before: ReadonlyMap<string, ReadonlySet<string>>;
  /** What the task waits for, directly or not; each pair that is found adds to it. */
  readonly waitsFor: Set<string>;
  readonly meets: Meeting;
}

/** The nearest first: what that waits for in turn needs no pair of its own. */
function pairsOf(
  task: DraftTask,
  { earlier, before, waitsFor, meets }: Behind,
): readonly UnorderedPair[] {
  const pairs: UnorderedPair[] = [];
  for (const other of earlier.toReversed()) {
    const files = waitsFor.has(other.id) ? null : meets.filesOf(other, task);
    if (files !== null) {
      pairs.push({ first: other.id, second: task.id, files });
      addAll(waitsFor, withAll(new Set([other.id]), before));
    }
  }
  return pairs;
}

function scopedOf(tasks: readonly DraftTask[]): readonly DraftTask[] {
  return leavesOf(tasks).filter(({ isDone, scope }) => !isDone && scope.length > 0);
}

/** The tasks, and all that these wait for. */
function withAll(
  ids: ReadonlySet<string>,
  before: ReadonlyMap<string, ReadonlySet<string>>,
): Set<string> {
  const all = new Set(ids);
  for (const id of ids) {
    addAll(all, before.get(id) ?? []);
  }
  return all;
}

function addAll(to: Set<string>, ids: Iterable<string>): void {
  for (const id of ids) {
    to.add(id);
  }
}

interface Meeting {
  /** Null when no path is shared, or when the bounds are used up. */
  filesOf(one: DraftTask, other: DraftTask): UnorderedPair["files"] | null;
  isWithinBounds(): boolean;
}

function createMeeting(search: OverlapSearch): Meeting {
  const known = search();
  let comparisons = 0;
  return {
    isWithinBounds: () => comparisons <= mostComparisons,
    filesOf: (one, other) => {
      comparisons += comparisonsOf(known, one.scope, other.scope);
      if (comparisons > mostComparisons) {
        return null;
      }
      for (const left of one.scope) {
        const right = other.scope.find((path) => path === left || known.overlaps(left, path));
        if (right !== undefined) {
          return [left, right];
        }
      }
      return null;
    },
  };
}
