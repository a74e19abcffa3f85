import type { Clock, Random } from "../base/clock.ts";
import { SkeinError } from "../base/errors.ts";
import type { SessionId } from "../base/ids.ts";
import type { Json } from "../base/json.ts";
import { cleanLine } from "../base/text.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Store, Transaction } from "../store/index.ts";
import { sessionErrors } from "./errors.ts";
import { createJoining } from "./joining.ts";
import { once, rememberAll, repeatedOf } from "./once.ts";
import type { RunCall } from "./once.ts";
import {
  findNamed,
  listSessions,
  readListener,
  readListeners,
  readOver,
  readRenewals,
} from "./reading.ts";
import { createRenewing } from "./renewing.ts";
import type {
  EndRequest,
  Joined,
  JoinRequest,
  Listener,
  OnceOutcome,
  OnceRequest,
  OverRequest,
  OverSession,
  Renewal,
  RenewRequest,
} from "./requests.ts";
import { findByExternalId, findSession, sessionChange } from "./rows.ts";
import type { Session } from "./session.ts";
import * as sql from "./tables.ts";
import { sessionRate, takeToken, tokensAt } from "./token-bucket.ts";
import type { Bucket } from "./token-bucket.ts";

/** Who is here: sessions, their handles, renewals and ends. */
export interface Sessions {
  /** Makes a session and its first handle, or re-attaches to the living one of the same external id. @throws {SkeinError} SKN-7302. */
  join(tx: Transaction, request: JoinRequest): Promise<Joined>;
  /** Makes one more handle for a session, or gives again the one that this process made for it; the others stay good. */
  mintHandle(tx: Transaction, session: Session): Promise<string>;
  /** @throws {SkeinError} SKN-3301 when no session has the handle, SKN-3302 when its session has ended. */
  authenticate(reader: Reader, handle: string): Promise<Session>;
  /** The living session of a host's id, or null. */
  byExternalId(reader: Reader, externalId: string): Promise<Session | null>;
  /** A session, living or ended, or null. */
  get(reader: Reader, id: SessionId): Promise<Session | null>;
  /** The living session that a person names: by id, or by a name that only one living session has; else null. */
  find(reader: Reader, nameOrId: string): Promise<Session | null>;
  /** Oldest first. */
  list(reader: Reader, which: "living" | "all"): Promise<readonly Session[]>;
  /** What holders are known by; sessions that are not there are left out. */
  renewals(reader: Reader, ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Renewal>>;
  listener(reader: Reader, id: SessionId): Promise<Listener | null>;
  listeners(reader: Reader): Promise<readonly Listener[]>;
  /** Renews with any call. Writes only when the last renewal is old enough or a particular has changed. */
  renew(tx: Transaction, session: Session, request: RenewRequest): Promise<Session>;
  /** True when `renew` would write. */
  needsRenewal(reader: Reader, session: Session, request: RenewRequest): boolean;
  /** Renews after a read-only call, in a transaction of its own, and only when it is due. */
  renewIfDue(store: Store, session: Session): Promise<void>;
  /** Says that a call runs that may last up to two hours: nothing of the session expires before. */
  beginCall(tx: Transaction, session: SessionId): Promise<void>;
  /** Ends what `beginCall` began, and renews. */
  endCall(tx: Transaction, session: SessionId): Promise<void>;
  /** Counts one more open question of the session: it does not expire by the clock. */
  park(tx: Transaction, session: SessionId): Promise<void>;
  /** Counts one open question less, and renews. */
  unpark(tx: Transaction, session: SessionId): Promise<void>;
  /** Ends a living session; null when it has ended before. What it held is returned by dispatch, in the same transaction. */
  end(tx: Transaction, id: SessionId, request: EndRequest): Promise<Session | null>;
  /** Living sessions that are over: process gone, host rebooted, or silent for too long. */
  over(reader: Reader, request: OverRequest): Promise<readonly OverSession[]>;
  /** Deletes what is kept of sessions that ended before a time, except the newest; tells how many went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
  /**
   * Runs work once for a key: a repetition gets the first result and changes nothing. The last 64 keys of a session are kept; a
   * null result is nothing done and is not.
   * @throws {SkeinError} SKN-4301 when the key was used for something else.
   */
  once(tx: Transaction, request: OnceRequest, work: () => Promise<Json>): Promise<OnceOutcome>;
  /** Those of some calls that `once` has to judge: their keys are known, or are none. */
  repeatedOf(reader: Reader, requests: readonly OnceRequest[]): Promise<ReadonlySet<OnceRequest>>;
  /** Remembers the results of others that were run beside each other, each of another session. */
  rememberAll(tx: Transaction, calls: readonly RunCall[]): Promise<void>;
  /** Takes a token from the session's bucket in this process. @throws {SkeinError} SKN-7301 with `retryAfterMs` when it is empty. */
  admit(session: SessionId): void;
}

export interface SessionsDeps {
  readonly events: Events;
  readonly random: Random;
  /** Fills the token buckets; a clock that never jumps. */
  readonly clock: Clock;
  /** The most living sessions. Default null: no limit. */
  readonly mostSessions?: number | null | undefined;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { events, random, clock, mostSessions = null } = deps;
  return {
    ...createJoining({ events, random, mostSessions }),
    ...createRenewing(events),
    byExternalId: findByExternalId,
    get: findSession,
    find: findNamed,
    list: listSessions,
    renewals: readRenewals,
    listener: readListener,
    listeners: readListeners,
    end: async (tx, id, request) => endSession(events, tx, { id, ...request }),
    over: readOver,
    prune,
    once,
    repeatedOf,
    rememberAll,
    admit: createAdmission(clock),
  };
}

async function endSession(
  events: Events,
  tx: Transaction,
  { id, reason, actor, cause }: EndRequest & { readonly id: SessionId },
): Promise<Session | null> {
  const session = await findSession(tx, id);
  const endReason = cleanLine(reason, 300);
  const changed = await tx.run(sql.updateEnded, [
    tx.nowMs,
    endReason,
    tx.project,
    sql.numberOf(id),
  ]);
  if (session === null || changed === 0) {
    return null;
  }
  const ended: Session = { ...session, endedAtMs: tx.nowMs, endReason, callUntilMs: null };
  await events.append(tx, {
    kind: "session.ended",
    actor,
    cause,
    data: { reason: endReason },
    changes: [sessionChange(ended)],
  });
  return ended;
}

async function prune(tx: Transaction, beforeMs: number): Promise<number> {
  const { project } = tx;
  await tx.put(sql.deleteKeysOfEnded, [project, project, beforeMs, project]);
  await tx.put(sql.deleteHandlesOfEnded, [project, project, beforeMs, project]);
  return tx.run(sql.deleteEnded, [project, beforeMs, project]);
}

/** Above this many buckets, those that are full again are forgotten. */
const keptBuckets = 1_000;

function createAdmission(clock: Clock): (session: SessionId) => void {
  const buckets = new Map<SessionId, Bucket>();

  function forgetFull(nowMs: number): void {
    for (const [id, bucket] of buckets) {
      if (tokensAt(bucket, nowMs, sessionRate) >= sessionRate.burst) {
        buckets.delete(id);
      }
    }
  }

  return (session) => {
    const nowMs = clock.nowMs();
    const taking = takeToken(buckets.get(session) ?? null, nowMs, sessionRate);
    if (taking.kind === "empty") {
      throw new SkeinError(sessionErrors.tooFast, {
        message: `Session ${session} calls too often: 600 changing calls a minute are allowed.`,
        facts: { session, per_minute: sessionRate.perMinute, burst: sessionRate.burst },
        retryAfterMs: taking.retryAfterMs,
      });
    }
    buckets.set(session, taking.bucket);
    if (buckets.size > keptBuckets) {
      forgetFull(nowMs);
    }
  };
}
