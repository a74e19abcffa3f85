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
import type { Verdict, Verdicts } from "./verdicts.ts";

/** Ready tasks that were looked at and not given. */
export interface PassedOver {
  /** Up to 5 refusals, each of another task. */
  readonly inTheWay: readonly BlockedCandidate[];
  /** How many: paths taken, no money, or left to other sessions. */
  readonly passedOver: number;
  /** How many of them are left to other sessions. */
  readonly leftCount: number;
  /** Up to 5 of those. */
  readonly left: readonly LeftCandidate[];
  /** Hard budgets that did not allow a task, each once. */
  readonly overBudget: readonly Budget[];
  /** How many nobody has compared yet with all that is held. */
  readonly uncompared: number;
  /** True when leases and money alone were in the way: no matter of who asks, or who stood in a queue before. */
  readonly isForAll: boolean;
}

export interface BlockedCandidate {
  readonly task: Candidate;
  readonly refusal: Refusal;
}

/** A task that another session is to have: it was given to it, this one has failed it or given it back, or the other has its skills. */
export interface LeftCandidate {
  readonly task: Candidate;
  readonly to: "assigned" | "another" | "skilled";
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

/** Whose sieve it is. */
export interface SieveFor {
  readonly session: Session;
  /** Who is about to get another task that is not written yet. Default: nobody. */
  readonly isServed?: ((session: Session["id"]) => boolean) | undefined;
  /** What is in the way of scopes, where it was looked at already. Default: it is looked at. */
  readonly verdicts?: Verdicts | undefined;
}

export function createSieve(deps: DispatchDeps, tx: Transaction, asking: SieveFor): Sieve {
  const verdicts = asking.verdicts ?? createVerdicts(deps, tx, asking.session);
  const scopes = createScopes(deps.paths);
  const usedUp = createUsedUp();
  /** A task may be looked at twice: in its turn, and as an equal of one before it. */
  const passedOver = new Set<Candidate>();
  const leaving = createLeaving(deps, tx, asking);
  const ways = createWays();

  /** No money for it, or left to another session. */
  const isNotForIt = async (task: Candidate): Promise<boolean> =>
    usedUp.refusing(task.plan, estimateOf(deps.costs, task)) !== null || leaving.isLeft(task);

  return {
    expect: verdicts.expect,
    isFree: async (task) => {
      if ((usedUp.isAny() || leaving.mayLeave(task)) && (await isNotForIt(task))) {
        passedOver.add(task);
        return false;
      }
      const verdict = await verdicts.of(task, scopes);
      ways.note(task, verdict, passedOver);
      if (verdict !== null) {
        passedOver.add(task);
      }
      return verdict === null;
    },
    scopeOf: (task) => scopes.of(task),
    refuse: (task, budget) => {
      passedOver.add(task);
      usedUp.add(budget);
    },
    findings: () => {
      const { isForAll, ...found } = ways.findings();
      const left = leaving.findings();
      return {
        ...found,
        passedOver: passedOver.size,
        ...left,
        overBudget: usedUp.all(),
        isForAll: isForAll && left.leftCount === 0,
      };
    },
  };
}

/** Keeps what is in the way of tasks. */
interface Ways {
  note(task: Candidate, verdict: Verdict, before: ReadonlySet<Candidate>): void;
  findings(): Pick<PassedOver, "inTheWay" | "isForAll" | "uncompared">;
}

function createWays(): Ways {
  const inTheWay: BlockedCandidate[] = [];
  const uncompared = new Set<Candidate>();
  let isWaitedFor = false;
  return {
    note: (task, verdict, before) => {
      if (verdict === "uncompared") {
        uncompared.add(task);
        return;
      }
      isWaitedFor ||= verdict?.by === null;
      if (verdict !== null && !before.has(task) && inTheWay.length < mostRefusals) {
        inTheWay.push({ task, refusal: verdict });
      }
    },
    findings: () => ({
      inTheWay,
      uncompared: uncompared.size,
      isForAll: !isWaitedFor && uncompared.size === 0,
    }),
  };
}

/** Tells whether a task is left to another session, and keeps which were. */
interface Leaving {
  /** False where it is plain that it is not. */
  mayLeave(task: Candidate): boolean;
  isLeft(task: Candidate): Promise<boolean>;
  findings(): Pick<PassedOver, "left" | "leftCount">;
}

function createLeaving(deps: DispatchDeps, tx: Transaction, asking: SieveFor): Leaving {
  const { session } = asking;
  const left = new Map<Candidate, LeftCandidate["to"]>();
  let peers: readonly Peer[] | null = null;

  async function leftTo(task: Candidate): Promise<LeftCandidate["to"] | null> {
    if (task.assignedTo !== null) {
      return task.assignedTo === session.id ? null : "assigned";
    }
    const isAvoided = task.avoidSession === session.id;
    if (!isAvoided && countSkills(task.skills, session.skills) === task.skills.length) {
      return null;
    }
    peers ??= await peersOf(deps, tx, asking);
    if (isAvoided) {
      return peers.some((peer) => peer.isIdle) ? "another" : null;
    }
    return leavesToPeers(task.skills, session.skills, peers) ? "skilled" : null;
  }

  return {
    mayLeave: ({ assignedTo, avoidSession, skills }) =>
      assignedTo !== null || avoidSession === session.id || skills.length > 0,
    isLeft: async (task) => {
      const to = await leftTo(task);
      if (to !== null) {
        left.set(task, to);
      }
      return to !== null;
    },
    findings: () => ({
      leftCount: left.size,
      left: [...left].slice(0, mostRefusals).map(([task, to]) => ({ task, to })),
    }),
  };
}

/** Without a call for this long a session is not expected to ask for a task soon. */
const hereMs = 120_000;

/** Others who could take a task: an idle one has no claim and has called lately, so it will ask again soon. */
async function peersOf(
  { sessions, plans }: DispatchDeps,
  tx: Transaction,
  { session: self, isServed }: SieveFor,
): Promise<readonly Peer[]> {
  const others = (await sessions.list(tx, "living")).filter(({ id }) => id !== self.id);
  const peers: Peer[] = [];
  for (const { id, skills, renewedAtMs } of others) {
    const isHere = tx.nowMs - renewedAtMs < hereMs;
    const isFree = isHere && isServed?.(id) !== true;
    const isIdle = isFree && (await plans.taskHeldBy(tx, id)) === null;
    peers.push({ skills, isIdle });
  }
  return peers;
}
