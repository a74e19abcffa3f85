import type { SessionId } from "../base/ids.ts";
import type { Session, Tier } from "./session.ts";

/** Where a session stands: tier, depth and the parents above it. */
export interface Rank {
  readonly tier: Tier;
  readonly depth: number;
  readonly ancestors: readonly SessionId[];
}

/** The deepest that teams may nest. */
export const maxDepth = 16;

/**
 * Ranks a new session. Without a parent its role decides; below a lead it is a manager when it asks for that and else a worker, below a
 * manager a worker, below a worker a `sub`. Nobody becomes a lead below another.
 */
export function rankOf(role: string, parent: Session | null): Rank {
  if (parent === null) {
    const tier = role === "lead" || role === "manager" ? role : "worker";
    return { tier, depth: 0, ancestors: [] };
  }
  return {
    tier: tierBelow(parent.tier, role),
    depth: parent.depth + 1,
    ancestors: [parent.id, ...parent.ancestors],
  };
}

const tiersBelow: Readonly<Record<Tier, Tier>> = {
  lead: "worker",
  manager: "worker",
  worker: "sub",
  sub: "sub",
};

function tierBelow(parent: Tier, role: string): Tier {
  const asksToManage = role === "manager" || role === "lead";
  return parent === "lead" && asksToManage ? "manager" : tiersBelow[parent];
}

/** True when `elder` is a parent of `session`, near or far. */
export function isAncestor(elder: SessionId, session: Pick<Session, "ancestors">): boolean {
  return session.ancestors.includes(elder);
}
