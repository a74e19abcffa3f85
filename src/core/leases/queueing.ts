import { SkeinError } from "../base/errors.ts";
import type { SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { leaseErrors } from "./errors.ts";
import { countGlobs, mostGlobsWaiting } from "./glob-bounds.ts";
import type { PathPolicy } from "./glob.ts";
import type { Holding, PathAsk } from "./holding.ts";
import type { Refusal } from "./lease.ts";
import { patternText } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";
import { waitingOf, writePatterns } from "./rows.ts";
import type { FindHolders } from "./rows.ts";
import * as sql from "./tables.ts";
import {
  decideQueue,
  keepsPlace,
  maxWaiting,
  meet,
  sharedPattern,
  waitersAhead,
} from "./wait-queue.ts";
import type { Waiting } from "./wait-queue.ts";

/** The queue of sessions that wait for paths. */
export interface Queueing {
  /** Waiters that keep their place, in order. */
  kept(reader: Reader): Promise<readonly Waiting[]>;
  /** Refusals by earlier waiters that keep their place, as far as a reader can tell. */
  preview(reader: Reader, ask: PathAsk): Promise<readonly Refusal[]>;
  /** Notes whether anybody has a place, as a transaction has seen. */
  noteSeen(tx: Transaction, hasQueue: boolean): void;
  /** True where it is known that nobody has. */
  isEmpty(tx: Transaction): boolean;
  /** All that have a place, in order. */
  all(tx: Transaction): Promise<readonly Waiting[]>;
  /** Refusals by earlier waiters of `queue`, which is all of it; lapses places and begins offers on the way. */
  refusals(tx: Transaction, ask: PathAsk, queue: readonly Waiting[]): Promise<readonly Refusal[]>;
  /** Puts a session in the queue or keeps its place; tells how many waiters for the same paths stand before it. */
  join(tx: Transaction, ask: PathAsk & JoinReason): Promise<number>;
  leave(tx: Transaction, session: SessionId): Promise<boolean>;
  /** Begins the offers that follow from paths having become free; tells how many sessions wait for them. */
  freed(tx: Transaction, patterns: readonly PathPattern[]): Promise<number>;
}

export interface JoinReason {
  readonly session: SessionId;
  readonly reason: string;
}

export interface QueueingDeps {
  readonly policy: PathPolicy;
  readonly renewedAt: FindHolders;
  readonly holding: Holding;
}

export function createQueueing(deps: QueueingDeps): Queueing {
  const { policy } = deps;
  const empty = new WeakSet<Transaction>();
  return {
    kept,
    noteSeen: (tx, hasQueue) => {
      if (!hasQueue) {
        empty.add(tx);
      }
    },
    isEmpty: (tx) => empty.has(tx),
    preview: async (reader, ask) => {
      const queue = await kept(reader);
      const place = placeOf(queue, ask, reader.nowMs);
      const ahead = waitersAhead(queue, { ...ask, place }, policy);
      return ahead.length === 0 ? [] : refusalsBy(deps, reader, { ahead, patterns: ask.patterns });
    },
    all: list,
    refusals: async (tx, ask, queue) => {
      const place = placeOf(queue, ask, tx.nowMs);
      if (waitersAhead(queue, { ...ask, place }, policy).length === 0) {
        return [];
      }
      const still = await refresh(deps, tx, queue);
      const ahead = waitersAhead(still, { ...ask, place: placeOf(still, ask, tx.nowMs) }, policy);
      return refusalsBy(deps, tx, { ahead, patterns: ask.patterns });
    },
    join: async (tx, ask) => {
      empty.delete(tx);
      return join(policy, tx, ask);
    },
    leave: async (tx, session) => (await tx.run(sql.deleteWait, [tx.project, session])) > 0,
    freed: async (tx, patterns) => {
      const isMeant = (waiting: Waiting): boolean => meet(waiting.patterns, patterns, policy);
      const queue = await list(tx);
      return queue.some(isMeant) ? (await refresh(deps, tx, queue)).filter(isMeant).length : 0;
    },
  };
}

/** Applies what time and freed paths change, and returns who still waits. */
async function refresh(
  { policy, renewedAt, holding }: QueueingDeps,
  tx: Transaction,
  queue: readonly Waiting[],
): Promise<readonly Waiting[]> {
  const holders = await renewedAt(
    tx,
    queue.map(({ session }) => session),
  );
  const alive = queue.filter(({ session }) => holders.get(session)?.ended === false);
  const ancestorsOf = (session: SessionId): readonly SessionId[] =>
    holders.get(session)?.ancestors ?? [];
  const held = new Set<SessionId>();
  for (const waiting of alive) {
    const ask = { ...waiting, ancestors: ancestorsOf(waiting.session) };
    if ((await holding.inTheWay(tx, ask)).refusals.length > 0) {
      held.add(waiting.session);
    }
  }
  const change = decideQueue({ queue: alive, held, ancestorsOf, nowMs: tx.nowMs }, policy);
  await offer(tx, change.offered, tx.nowMs);
  await offer(tx, change.withdrawn, null);
  const gone = [...queue.filter((waiting) => !alive.includes(waiting)), ...change.lapsed];
  for (const { session } of gone) {
    await tx.put(sql.deleteWait, [tx.project, session]);
  }
  return queue.filter((waiting) => !gone.includes(waiting));
}

interface Ahead {
  readonly ahead: readonly Waiting[];
  readonly patterns: readonly PathPattern[];
}

async function refusalsBy(
  { policy, renewedAt }: QueueingDeps,
  reader: Reader,
  { ahead, patterns }: Ahead,
): Promise<readonly Refusal[]> {
  const holders = await renewedAt(
    reader,
    ahead.map(({ session }) => session),
  );
  return ahead.map((waiting) => {
    const pattern = sharedPattern(waiting, patterns, policy);
    return {
      path: pattern === null ? "" : patternText(pattern),
      by: null,
      holder: waiting.session,
      holderName: holders.get(waiting.session)?.name ?? waiting.session,
      untilMs: null,
      reason: waiting.reason,
    };
  });
}

async function join(
  policy: PathPolicy,
  tx: Transaction,
  ask: PathAsk & JoinReason,
): Promise<number> {
  const queue = await list(tx);
  const own = queue.find((waiting) => isSameAsk(waiting, ask) && keepsPlace(waiting, tx.nowMs));
  if (own === undefined && isFull(queue, ask)) {
    throw new SkeinError(leaseErrors.tooManyWaiting, { retryAfterMs: 15_000 });
  }
  const place = own?.place ?? (queue.at(-1)?.place ?? 0) + 1;
  await tx.put(sql.upsertWait, [
    tx.project,
    ask.session,
    place,
    writePatterns(ask.patterns),
    ask.mode,
    ask.reason,
    own?.queuedAtMs ?? tx.nowMs,
    tx.nowMs,
    null,
  ]);
  return waitersAhead(queue, { ...ask, place }, policy).length;
}

function isFull(queue: readonly Waiting[], ask: PathAsk): boolean {
  const globs = queue.reduce((sum, { patterns }) => sum + countGlobs(patterns), 0);
  return queue.length >= maxWaiting || globs + countGlobs(ask.patterns) > mostGlobsWaiting;
}

async function list(reader: Reader): Promise<readonly Waiting[]> {
  const rows = await reader.all<sql.WaitRow>(sql.selectWaits, [reader.project]);
  return rows.map(waitingOf);
}

async function kept(reader: Reader): Promise<readonly Waiting[]> {
  return (await list(reader)).filter((waiting) => keepsPlace(waiting, reader.nowMs));
}

async function offer(
  tx: Transaction,
  waiters: readonly Waiting[],
  atMs: number | null,
): Promise<void> {
  for (const { session } of waiters) {
    await tx.put(sql.updateOffered, [atMs, tx.project, session]);
  }
}

/** The place of an asker that asks again for the very paths it waits for; another request has no place yet. */
function placeOf(queue: readonly Waiting[], ask: PathAsk, nowMs: number): number | null {
  const own = queue.find((waiting) => isSameAsk(waiting, ask) && keepsPlace(waiting, nowMs));
  return own?.place ?? null;
}

function isSameAsk(waiting: Waiting, ask: PathAsk): boolean {
  return (
    waiting.session === ask.session &&
    waiting.mode === ask.mode &&
    samePatterns(waiting.patterns, ask.patterns)
  );
}

/** True when two lists name the same patterns, in whatever order. */
export function samePatterns(
  some: readonly PathPattern[],
  others: readonly PathPattern[],
): boolean {
  return some.length === others.length && sortedKey(some) === sortedKey(others);
}

function sortedKey(patterns: readonly PathPattern[]): string {
  return JSON.stringify(patterns.map((pattern) => writePatterns([pattern])).toSorted());
}
