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
import { createVerdicts } from "./verdicts.ts";

/** Ready tasks that were looked at and not given. */
export interface PassedOver {
  /** Up to 5 refusals, each of another task. */
  readonly inTheWay: readonly BlockedCandidate[];
  /** How many: paths taken, no money, or left to better suited sessions. */
  readonly passedOver: number;
  /** Hard budgets that did not allow a task, each once. */
  readonly overBudget: readonly Budget[];
  /** True when leases and money alone were in the way: no matter of who asks, or who stood in a queue before. */
  readonly isForAll: boolean;
}

export interface BlockedCandidate {
  readonly task: Candidate;
  readonly refusal: Refusal;
}

/** Tells the tasks that a session may have now from those it may not; many tasks with one scope are looked up once. */
export interface Sieve {
  /** Says which tasks will be asked about, so that many that are not free cost one look and not one each. */
  expect(tasks: readonly Candidate[]): void;
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
  const verdicts = createVerdicts(deps, tx, session);
  const scopes = createScopes(deps.paths);
  const usedUp = createUsedUp();
  /** A task may be looked at twice: in its turn, and as an equal of one before it. */
  const passedOver = new Set<Candidate>();
  const isLeft = createLeaving(deps, tx, session);

  let isForAll = true;

  async function isRefused(task: Candidate): Promise<boolean> {
    if (usedUp.refusing(task.plan, estimateOf(deps.costs, task)) !== null) {
      return true;
    }
    if (await isLeft(task)) {
      isForAll = false;
      return true;
    }
    const refusal = await verdicts.of(task, scopes);
    isForAll &&= refusal === null || refusal.by !== null;
    if (refusal !== null && !passedOver.has(task) && inTheWay.length < mostRefusals) {
      inTheWay.push({ task, refusal });
    }
    return refusal !== null;
  }

  return {
    expect: verdicts.expect,
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
    findings: () => ({
      inTheWay,
      passedOver: passedOver.size,
      overBudget: usedUp.all(),
      isForAll,
    }),
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
