import type { SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { PathPolicy } from "./glob.ts";
import { grantLogged, writeGrant, writeGrants } from "./granting.ts";
import type { Because, Ending, FencedRequest, LeaseEvents } from "./granting.ts";
import { createHolding } from "./holding.ts";
import type { PathAsk, PathCheck } from "./holding.ts";
import { createLanded, integrateLogged, landLogged } from "./landing.ts";
import type { LandedCommit, TaskOfLeases } from "./landing.ts";
import {
  expired,
  isAnyDue,
  getLease,
  history,
  listLive,
  ofTask,
  prune,
  renewEdit,
  restore,
  touchedBy,
} from "./ledger.ts";
import type { LeaseFilter, LeasePage } from "./ledger.ts";
import type { Lease, LeaseOutcome, LeaseRequest, LeaseVerdict, Refusal } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";
import { createQueueing } from "./queueing.ts";
import { conflicts, decideHandOver, decideRequest, freed, release } from "./requesting.ts";
import type { HandOver, Parts, PathRequest, Released, ReleaseTarget } from "./requesting.ts";
import type { FindHolders } from "./rows.ts";
import { createScopeSearch } from "./scope-search.ts";
import type { ScopeSearch, Searcher } from "./scope-search.ts";
import type { Waiting } from "./wait-queue.ts";

export interface LeasesDeps {
  readonly events: LeaseEvents;
  /** One for the whole project and for its whole life: prefixes are stored by it. */
  readonly policy: PathPolicy;
  /** What the sessions say of holders; given, since nouns do not know each other. */
  readonly renewedAt: FindHolders;
  /** The most live leases beyond those of tasks. Default null: no limit. */
  readonly mostLeases?: number | null | undefined;
}

/** Holds paths for sessions. Whatever takes a transaction is part of the caller's change. */
export interface Leases {
  /**
   * Decides a request as a whole: all its paths or none. The same session asking for the same again has its lease renewed. Ends leases in
   * the way whose time is over, so that they cannot come back to life.
   */
  request(tx: Transaction, request: PathRequest): Promise<LeaseOutcome>;
  /** Who refuses an ask, earlier waiters included; empty when nobody does. Ends leases in the way whose time is over. */
  conflicts(tx: Transaction, ask: PathAsk): Promise<readonly Refusal[]>;
  /** As `conflicts`, for a look without a write: it may count a waiter who has just lost its place. */
  preview(reader: Reader, ask: PathAsk): Promise<readonly Refusal[]>;
  /**
   * Grants what `conflicts` found free in the same transaction. With a `fence`, the caller's own event of that number carries the lease's
   * change (`leaseChange`); else an event `lease.granted` is appended and its number is the fence.
   */
  grant(tx: Transaction, request: LeaseRequest, options?: GrantOptions): Promise<Lease>;
  /**
   * The same for several at once, as claims that are granted together make them: after `lastNumber`, which `lastLeaseProbe` found in this transaction,
   * for sessions of which none stands in the queue.
   */
  grantAll(
    tx: Transaction,
    grants: readonly FencedRequest[],
    lastNumber: number,
  ): Promise<readonly Lease[]>;
  /** Notes what `leaseProbes` found in this transaction, so that tables with nothing in them are not read. */
  noteSeen(tx: Transaction, seen: LeasesSeen): void;
  release(tx: Transaction, target: ReleaseTarget, ending: Ending): Promise<Released>;
  /** Keeps a submitted task's leases, under their fences, until it is integrated. */
  toLanding(tx: Transaction, task: TaskOfLeases): Promise<readonly Lease[]>;
  /** Ends a task's leases because its work reached the integration branch, and remembers the commit for their paths. */
  integrated(tx: Transaction, task: TaskOfLeases & { readonly commit: string }): Promise<Released>;
  /** Commits that a base must contain before work on these paths begins: at most the 8 newest, newest first. */
  landedCommits(reader: Reader, patterns: readonly PathPattern[]): Promise<readonly LandedCommit[]>;
  /** Renews a lease of the edit hook after an edit of its path; written at most once a minute. */
  renewEdit(tx: Transaction, id: string): Promise<void>;
  /** Unreleased leases whose time is over, at most 500. Leases of ended sessions are ended with `release`, not found here. */
  expired(tx: Transaction): Promise<readonly Lease[]>;
  /** Whether `expired` may have something to find: a look without a write. */
  isAnyDue(reader: Reader): Promise<boolean>;
  /** Gives a lease of files or edits to another session, under a new fence. @throws {SkeinError} SKN-4501, SKN-5501, SKN-5502. */
  handOver(tx: Transaction, handOver: HandOver): Promise<LeaseOutcome>;
  /** Gives up a session's place in the queue. */
  cancelWait(tx: Transaction, session: SessionId): Promise<boolean>;
  /** Sessions that wait and keep their place, in order. */
  waiting(reader: Reader): Promise<readonly Waiting[]>;
  /** What the ledger says of paths, by path as given. Never throws for a path that exists. */
  check(reader: Reader, check: PathCheck): Promise<ReadonlyMap<string, LeaseVerdict>>;
  /** Begins a search for scopes of tasks that nothing holds, in one transaction. */
  search(reader: Reader, searcher: Searcher): ScopeSearch;
  get(reader: Reader, id: string): Promise<Lease | null>;
  /** Live leases, oldest first. */
  list(reader: Reader, filter?: LeaseFilter): Promise<readonly Lease[]>;
  /** Which paths a session held last, live or ended: the patterns of its last `limit` leases. */
  touchedBy(reader: Reader, session: SessionId, limit: number): Promise<readonly PathPattern[]>;
  /** All leases that were not pruned, ended ones too, in order of their ids. */
  history(reader: Reader, page: LeasePage): Promise<readonly Lease[]>;
  /** Writes leases back as an export has them, into a project without any. */
  restore(tx: Transaction, leases: readonly Lease[]): Promise<void>;
  /** Forgets leases released, and commits landed, before a time; tells how many leases went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export interface GrantOptions {
  readonly fence?: number | undefined;
  readonly because?: Because | undefined;
}

/** What a transaction has seen of leases, and may rely on until its end. */
export interface LeasesSeen {
  readonly hasQueue: boolean;
  readonly hasLanded: boolean;
}

export function createLeases(deps: LeasesDeps): Leases {
  const { events, policy, renewedAt, mostLeases = null } = deps;
  const holding = createHolding({ policy, renewedAt });
  const queueing = createQueueing({ policy, renewedAt, holding });
  const landed = createLanded(policy);
  const parts: Parts = { events, policy, renewedAt, holding, queueing, mostLeases };
  return {
    request: (tx, request) => decideRequest(parts, tx, request),
    conflicts: (tx, ask) => conflicts(parts, tx, ask),
    preview: async (reader, ask) => [
      ...(await holding.inTheWay(reader, ask)).refusals,
      ...(await queueing.preview(reader, ask)),
    ],
    grant: (tx, request, options = {}) => grant(parts, tx, { request, ...options }),
    grantAll: (tx, grants, lastNumber) => writeGrants(policy, tx, { grants, lastNumber }),
    noteSeen: (tx, { hasQueue, hasLanded }) => {
      queueing.noteSeen(tx, hasQueue);
      landed.noteSeen(tx, hasLanded);
    },
    release: (tx, target, ending) => release(parts, tx, { target, ending }),
    toLanding: async (tx, task) =>
      landLogged(parts, tx, { leases: await ofTask(parts, tx, task), because: task }),
    integrated: async (tx, task) => {
      landed.noteSeen(tx, true);
      const leases = await ofTask(parts, tx, task);
      return freed(parts, tx, await integrateLogged(parts, tx, { ...task, leases }));
    },
    landedCommits: (reader, patterns) => landed.commits(reader, patterns),
    renewEdit: (tx, id) => renewEdit(parts, tx, id),
    expired: (tx) => expired(parts, tx),
    isAnyDue,
    handOver: (tx, handOver) => decideHandOver(parts, tx, handOver),
    cancelWait: (tx, session) => queueing.leave(tx, session),
    waiting: (reader) => queueing.kept(reader),
    check: (reader, check) => holding.check(reader, check),
    search: (reader, searcher) => createScopeSearch(parts, reader, searcher),
    get: async (reader, id) => (await getLease(parts, reader, id))?.lease ?? null,
    list: (reader, filter = {}) => listLive(parts, reader, filter),
    touchedBy,
    history: (reader, page) => history(parts, reader, page),
    restore: (tx, leases) => restore(parts, tx, leases),
    prune,
  };
}

/** Grants with an event of its own, or under the fence of the caller's. */
function grant(
  parts: Parts,
  tx: Transaction,
  { request, fence, because }: GrantOptions & { readonly request: LeaseRequest },
): Promise<Lease> {
  return fence === undefined
    ? grantLogged(parts, tx, { request, because: because ?? null })
    : writeGrant(parts.policy, tx, { request, fence, mayWait: !parts.queueing.isEmpty(tx) });
}
