import type { SessionId } from "../base/ids.ts";
import type { Budget } from "../costs/index.ts";
import type { PathPattern, Refusal } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { countSkills, leavesToPeers } from "./affinity.ts";
import type { Peer } from "./affinity.ts";
import type { DispatchDeps } from "./deps.ts";
import { estimateOf } from "./reserve.ts";
import { createScopes } from "./scope.ts";
import { createUsedUp } from "./used-up.ts";

/** Ready tasks that were looked at and not given. */
export interface PassedOver {
  /** Up to 5 refusals, each of another task. */
  readonly inTheWay: readonly BlockedCandidate[];
  /** How many: paths taken, no money, or left to better suited sessions. */
  readonly passedOver: number;
  /** Hard budgets that did not allow a task, each once. */
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
  /** Notes the hard budget that does not allow a free task; others that it cannot allow either are then passed over unasked. */
  refuse(task: Candidate, budget: Budget): void;
  findings(): PassedOver;
}

const mostRefusals = 5;

export function createSieve(deps: DispatchDeps, tx: Transaction, session: Session): Sieve {
  const inTheWay: BlockedCandidate[] = [];
  const verdicts = new Map<string, Refusal | null>();
  const scopes = createScopes(deps.paths);
  const usedUp = createUsedUp();
  /** A task may be looked at twice: in its turn, and as an equal of one before it. */
  const passedOver = new Set<Candidate>();
  const isLeft = createLeaving(deps, tx, session);

  async function refusalOf(task: Candidate): Promise<Refusal | null> {
    const scope = task.files.join("\n");
    if (!verdicts.has(scope)) {
      const patterns = scopes.of(task);
      verdicts.set(scope, await firstRefusal(deps, tx, { session, patterns }));
    }
    return verdicts.get(scope) ?? null;
  }

  async function isRefused(task: Candidate): Promise<boolean> {
    if (usedUp.refusing(task.plan, estimateOf(deps.costs, task)) !== null || (await isLeft(task))) {
      return true;
    }
    const refusal = await refusalOf(task);
    if (refusal !== null && !passedOver.has(task) && inTheWay.length < mostRefusals) {
      inTheWay.push({ task, refusal });
    }
    return refusal !== null;
  }

  return {
    isFree: async (task) => {
      const isFree = !(await isRefused(task));
      if (!isFree) {
        passedOver.add(task);
      }
      return isFree;
    },
    scopeOf: (task) => scopes.of(task),
    refuse: (task, budget) => {
      passedOver.add(task);
      usedUp.add(budget);
    },
    findings: () => ({ inTheWay, passedOver: passedOver.size, overBudget: usedUp.all() }),
  };
}

/** Makes the look at whether a task is left to another session: one that it was given to, or that suits it better. */
function createLeaving(
  deps: DispatchDeps,
  tx: Transaction,
  session: Session,
): (task: Candidate) => Promise<boolean> {
  let peers: readonly Peer[] | null = null;
  return async (task) => {
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
