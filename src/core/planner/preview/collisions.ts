import { comparisonsOf } from "../../plans/index.ts";
import type { OverlapSearch } from "../../plans/index.ts";
import { patternText } from "../../leases/index.ts";
import type { Lease } from "../../leases/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftTask } from "../draft.ts";

/** A task that cannot start while somebody holds a path of it. */
export interface Collision {
  readonly task: string;
  /** As the task's scope says it. */
  readonly path: string;
  readonly lease: string;
  /** As the lease says it. */
  readonly held: string;
  readonly session: string;
}

const mostCollisions = 50;

/** Beyond these a plan is not held against what is leased to its end. */
const mostComparisons = 300_000;

/** Foretells which tasks meet leases that live now, at most 50 and as far as its bounds go. Leases of the same plan do not count: it knows its own order. */
export function collisionsOf(
  tasks: readonly DraftTask[],
  {
    leases,
    plan,
    search,
  }: {
    readonly leases: readonly Lease[];
    readonly plan: string;
    readonly search: OverlapSearch;
  },
): readonly Collision[] {
  const known = search();
  const found: Collision[] = [];
  let comparisons = 0;
  const others = leases.filter((lease) => lease.plan !== plan);
  for (const { id, scope } of leavesOf(tasks)) {
    for (const lease of others) {
      const held = lease.patterns.map((pattern) => patternText(pattern));
      comparisons += comparisonsOf(known, scope, held);
      if (comparisons > mostComparisons || found.length >= mostCollisions) {
        return found;
      }
      const path = scope.find((each) => held.some((text) => known.overlaps(each, text)));
      if (path !== undefined) {
        const met = held.find((text) => known.overlaps(path, text)) ?? path;
        found.push({ task: id, path, lease: lease.id, held: met, session: lease.session });
      }
    }
  }
  return found;
}
