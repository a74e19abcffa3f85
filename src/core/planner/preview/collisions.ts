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

/** Foretells which tasks meet leases that live now, at most 50. Leases of the same plan do not count: it knows its own order. */
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
  const meets = search();
  const found: Collision[] = [];
  const others = leases.filter((lease) => lease.plan !== plan);
  for (const { id, scope } of leavesOf(tasks)) {
    for (const lease of others) {
      const held = lease.patterns.map((pattern) => patternText(pattern));
      const path = scope.find((each) => held.some((text) => meets(each, text)));
      if (path !== undefined && found.length < mostCollisions) {
        const met = held.find((text) => meets(path, text)) ?? path;
        found.push({ task: id, path, lease: lease.id, held: met, session: lease.session });
      }
    }
  }
  return found;
}
