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
import type { UsedUp } from "./used-up.ts";
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
  /** Made where something is passed over: mostly the first task is free. */
  let passing: Passing | null = null;
  const passed = (): Passing => (passing ??= createPassing(deps, tx, asking));

  /** No money for it, or left to another session. */
  const isNotForIt = async (task: Candidate): Promise<boolean> => {
    const { usedUp, leaving } = passed();
    return (
      usedUp.refusing(task.plan, estimateOf(deps.costs, task)) !== null || leaving.isLeft(task)
    );
  };

  return {
    expect: verdicts.expect,
    isFree: async (task) => {
      const mayBePassed = passing !== null || mayLeave(task, asking.session);
      if (mayBePassed && (await isNotForIt(task))) {
        passed().all.add(task);
        return false;
      }
      const verdict = await verdicts.of(task, scopes);
      if (verdict !== null) {
        passed().ways.note(task, verdict, passed().all);
        passed().all.add(task);
      }
      return verdict === null;
    },
    scopeOf: (task) => scopes.of(task),
    refuse: (task, budget) => {
      passed().all.add(task);
      passed().usedUp.add(budget);
    },
    findings: () => {
      const { all, usedUp, leaving, ways } = passed();
      const { isForAll, ...found } = ways.findings();
      const left = leaving.findings();
      return {
        ...found,
        passedOver: all.size,
        ...left,
        overBudget: usedUp.all(),
        isForAll: isForAll && left.leftCount === 0,
      };
    },
  };
}

/** What was passed over, and why. */
interface Passing {
  /** A task may be looked at twice: in its turn, and as an equal of one before it. */
  readonly all: Set<Candidate>;
  readonly usedUp: UsedUp;
  readonly leaving: Leaving;
  readonly ways: Ways;
}

function createPassing(deps: DispatchDeps, tx: Transaction, asking: SieveFor): Passing {
  return {
    all: new Set(),
    usedUp: createUsedUp(),
    leaving: createLeaving(deps, tx, asking),
    ways: createWays(),
  };
}

/** False where it is plain that a task is left to nobody else. */
function mayLeave({ assignedTo, avoidSession, skills }: Candidate, { id }: Session): boolean {
  return assignedTo !== null || avoidSession === id || skills.length > 0;
}

/** Keeps what is in the way of tasks. */
interface Ways {
  note(task: Candidate, verdict: Exclude<Verdict, null>, before: ReadonlySet<Candidate>): void;
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
      isWaitedFor ||= verdict.by === null;
      if (!before.has(task) && inTheWay.length < mostRefusals) {
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
