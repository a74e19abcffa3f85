import type { SessionId } from "../base/ids.ts";
import type { Budget } from "../costs/index.ts";
import type { PathPattern, Refusal } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { countSkills, leavesToPeers } from "./affinity.ts";
import type { Peer } from "./affinity.ts";
import type { DispatchDeps } from "./deps.ts";
import { createScopes } from "./scope.ts";

/** Ready tasks that were looked at and not given. */
export interface PassedOver {
  /** Up to 5 refusals, each of another task. */
  readonly inTheWay: readonly BlockedCandidate[];
  /** How many: paths taken, no money, or left to better suited sessions. */
  readonly passedOver: number;
  /** Hard budgets that did not allow a task. */
  readonly overBudget: readonly Budget[];
}

export interface BlockedCandidate {
  readonly task: Candidate;
  readonly refusal: Refusal;
}

/** Tells the tasks that a session may have now from those it may not; many tasks with one scope are looked up once. */
export interface Sieve {
  isFree(task: Candidate): Promise<boolean>;
  /** A task's scope, read once. */
  scopeOf(task: Candidate): readonly PathPattern[];
  findings(): Pick<PassedOver, "inTheWay" | "passedOver">;
}

const mostRefusals = 5;

export function createSieve(deps: DispatchDeps, tx: Transaction, session: Session): Sieve {
  const inTheWay: BlockedCandidate[] = [];
  const verdicts = new Map<string, Refusal | null>();
  const scopes = createScopes(deps.paths);
  let passedOver = 0;
  let peers: readonly Peer[] | null = null;

  async function refusalOf(task: Candidate): Promise<Refusal | null> {
    const scope = task.files.join("\n");
    if (!verdicts.has(scope)) {
      const patterns = scopes.of(task);
      verdicts.set(scope, await firstRefusal(deps, tx, { session, patterns }));
    }
    return verdicts.get(scope) ?? null;
  }

  async function isLeft(task: Candidate): Promise<boolean> {
    if (task.assignedTo !== null) {
      return task.assignedTo !== session.id;
    }
    const isAvoided = task.avoidSession === session.id;
    if (!isAvoided && countSkills(task.skills, session.skills) === task.skills.length) {
      return false;
    }
    peers ??= await peersOf(deps, tx, session);
    return isAvoided
      ? peers.some((peer) => peer.isIdle)
      : leavesToPeers(task.skills, session.skills, peers);
  }

  return {
    isFree: async (task) => {
      if (await isLeft(task)) {
        passedOver += 1;
        return false;
      }
      const refusal = await refusalOf(task);
      if (refusal !== null) {
        passedOver += 1;
        if (inTheWay.length < mostRefusals) {
          inTheWay.push({ task, refusal });
        }
      }
      return refusal === null;
    },
    scopeOf: (task) => scopes.of(task),
    findings: () => ({ inTheWay, passedOver }),
  };
}

/** Without a call for this long a session is not expected to ask for a task soon. */
const hereMs = 120_000;

/** Others who could take a task: an idle one has no claim and has called lately, so it will ask again soon. */
async function peersOf(
  { sessions, plans }: DispatchDeps,
  tx: Transaction,
  self: Session,
): Promise<readonly Peer[]> {
  const others = (await sessions.list(tx, "living")).filter(({ id }) => id !== self.id);
  const peers: Peer[] = [];
  for (const { id, skills, renewedAtMs } of others) {
    const isHere = tx.nowMs - renewedAtMs < hereMs;
    const isIdle = isHere && (await plans.taskHeldBy(tx, id)) === null;
    peers.push({ skills, isIdle });
  }
  return peers;
}

/** The first refusal of a task's scope for a session, or null when all of it is free. */
export async function firstRefusal(
  { leases }: DispatchDeps,
  tx: Transaction,
  { session, patterns }: { readonly session: Asking; readonly patterns: readonly PathPattern[] },
): Promise<Refusal | null> {
  if (patterns.length === 0) {
    return null;
  }
  const refusals = await leases.conflicts(tx, {
    session: session.id,
    ancestors: session.ancestors,
    patterns,
    mode: "exclusive",
    landing: "all",
    enough: 1,
  });
  return refusals[0] ?? null;
}

interface Asking {
  readonly id: SessionId;
  readonly ancestors: readonly SessionId[];
}
