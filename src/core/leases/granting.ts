import { SkeinError } from "../base/errors.ts";
import { sessionActor } from "../base/ids.ts";
import type { Actor } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Events } from "../events/index.ts";
import { groupsOf } from "../store/index.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import { leaseErrors } from "./errors.ts";
import type { PathPolicy } from "./glob.ts";
import { leaseChange } from "./lease.ts";
import type { Lease, LeaseRequest } from "./lease.ts";
import { indexKey } from "./reach.ts";
import { idOf, numberOf, writePatterns } from "./rows.ts";
import * as sql from "./tables.ts";

/** The log as leases need it. */
export type LeaseEvents = Pick<Events, "append" | "ensureRoom" | "nextSeq">;

export interface GrantingDeps {
  readonly events: LeaseEvents;
  readonly policy: PathPolicy;
}

/** Who caused a change of leases, and because of what. */
export interface Because {
  readonly actor: Actor;
  /** The sequence number of the event that led to it, or null. */
  readonly cause: number | null;
}

/** Why leases end. */
export interface Ending extends Because {
  /** `released`, `finished`, `expired`, `dead`, `integrated`, `handed-over`, `forced`, … */
  readonly reason: string;
}

/** Why leases end whose time is over: the newest of the grants that said how long they last led to it. */
export function timeIsOver(leases: readonly Pick<Lease, "fence">[]): Ending {
  const cause = leases.reduce((newest, { fence }) => Math.max(newest, fence), 0);
  return { actor: "system", cause, reason: "expired" };
}

/** How many patterns one lease holds at most. */
const maxPatterns = 256;

/** A time that a check of leases never reaches. */
const never = Number.MAX_SAFE_INTEGER;

/** A lease to be written, and the number of the event that grants it. */
export interface FencedRequest {
  readonly request: LeaseRequest;
  readonly fence: number;
}

interface Grant extends FencedRequest {
  /** False when it is known that the session does not stand in the queue. Default true. */
  readonly mayWait?: boolean;
}

/** Writes a lease that nothing is in the way of, without an event. @throws {SkeinError} SKN-1508. */
export async function writeGrant(
  policy: PathPolicy,
  tx: Transaction,
  { request, fence, mayWait = true }: Grant,
): Promise<Lease> {
  const granted = grantedNow(tx, request, fence);
  const row = await tx.get<{ readonly number: number }>(sql.insertNextLease, [
    tx.project,
    tx.project,
    ...fieldsOf(granted, tx.nowMs),
  ]);
  const number = row?.number ?? 0;
  const lease: Lease = { id: idOf(number), ...granted };
  for (const group of groupsOf(pathRows(policy, tx, { lease, number }))) {
    await insertSome(tx, group);
  }
  if (mayWait) {
    await tx.put(sql.deleteWait, [tx.project, request.session]);
  }
  return lease;
}

/** @throws {SkeinError} SKN-1508. */
function grantedNow(
  { nowMs }: Transaction,
  request: LeaseRequest,
  fence: number,
): Omit<Lease, "id"> {
  if (request.patterns.length === 0 || request.patterns.length > maxPatterns) {
    throw new SkeinError(leaseErrors.nothingAsked, { facts: { paths: request.patterns.length } });
  }
  return {
    session: request.session,
    plan: request.plan,
    task: request.task,
    mode: request.mode,
    origin: request.origin,
    patterns: request.patterns,
    reason: request.reason,
    branch: request.branch,
    fence,
    grantedAtMs: nowMs,
    durationMs: request.durationMs,
    untilMs: nowMs + request.durationMs,
    releasedAtMs: null,
    releaseReason: null,
  };
}

/** Writes several leases that nothing is in the way of, of sessions that stand in no queue, without an event; in their order. */
export async function writeGrants(
  policy: PathPolicy,
  tx: Transaction,
  {
    grants,
    lastNumber,
  }: { readonly grants: readonly FencedRequest[]; readonly lastNumber: number },
): Promise<readonly Lease[]> {
  const numbered = grants.map(({ request, fence }, at) => {
    const number = lastNumber + 1 + at;
    return { number, lease: { id: idOf(number), ...grantedNow(tx, request, fence) } };
  });
  await together([
    ...groupsOf(numbered).map((group) =>
      tx.put(
        sql.insertLeases(group.length),
        group.flatMap(({ number, lease }) => [tx.project, number, ...fieldsOf(lease, tx.nowMs)]),
      ),
    ),
    insertPaths(
      tx,
      numbered.flatMap((each) => pathRows(policy, tx, each)),
    ),
  ]);
  return numbered.map(({ lease }) => lease);
}

/** Writes a lease's row as it is. */
export async function writeLease(
  tx: Transaction,
  lease: Lease,
  renewedAtMs: number,
): Promise<void> {
  const row = [tx.project, numberOf(lease.id), ...fieldsOf(lease, renewedAtMs)];
  await tx.put(sql.insertLeases(1), row);
}

function fieldsOf(lease: Omit<Lease, "id">, renewedAtMs: number): readonly SqlValue[] {
  return [
    lease.session,
    lease.plan,
    lease.task,
    lease.mode,
    lease.origin,
    writePatterns(lease.patterns),
    lease.reason,
    lease.branch,
    lease.fence,
    lease.grantedAtMs,
    renewedAtMs,
    lease.durationMs,
    lease.origin === "landing" ? never : renewedAtMs + lease.durationMs,
    lease.releasedAtMs,
    lease.releaseReason,
  ];
}

/** Indexes the paths of a live lease. */
export async function writePaths(policy: PathPolicy, tx: Transaction, lease: Lease): Promise<void> {
  await insertPaths(tx, pathRows(policy, tx, { lease, number: numberOf(lease.id) }));
}

type Row = readonly SqlValue[];

function pathRows(
  policy: PathPolicy,
  { project }: Transaction,
  { lease, number }: { readonly lease: Lease; readonly number: number | null },
): readonly Row[] {
  return lease.patterns.map((pattern, ordinal) => [
    project,
    indexKey(pattern, policy),
    number,
    ordinal,
    pattern.kind,
    pattern.text,
    lease.session,
    lease.mode,
  ]);
}

async function insertPaths(tx: Transaction, rows: readonly Row[]): Promise<void> {
  for (const group of groupsOf(rows)) {
    await insertSome(tx, group);
  }
}

/** As many as one statement writes. */
function insertSome(tx: Transaction, rows: readonly Row[]): Promise<void> {
  const [only = []] = rows;
  return tx.put(sql.insertPaths(rows.length), rows.length === 1 ? only : rows.flat());
}

/** Ends leases, without an event; returns them as they are now, without those that had ended before. */
export async function writeEnd(
  policy: PathPolicy,
  tx: Transaction,
  { leases, reason }: { readonly leases: readonly Lease[]; readonly reason: string },
): Promise<readonly Lease[]> {
  const ended: Lease[] = [];
  for (const lease of leases) {
    const number = numberOf(lease.id);
    const changed = await tx.run(sql.updateReleased, [tx.nowMs, reason, tx.project, number]);
    if (changed > 0) {
      const keys = new Set(lease.patterns.map((pattern) => indexKey(pattern, policy)));
      for (const key of keys) {
        await tx.put(sql.deletePath, [tx.project, key, number]);
      }
      ended.push({ ...lease, releasedAtMs: tx.nowMs, releaseReason: reason });
    }
  }
  return ended;
}

/** Keeps leases until integration, whoever held them; returns them as they are now. */
export async function writeLanding(
  tx: Transaction,
  leases: readonly Lease[],
): Promise<readonly Lease[]> {
  for (const lease of leases) {
    await tx.put(sql.updateLanding, [never, tx.project, numberOf(lease.id)]);
  }
  return leases.map((lease) => ({ ...lease, origin: "landing", untilMs: null }));
}

/** Grants with an event of its own, whose number is the fence. */
export async function grantLogged(
  { events, policy }: GrantingDeps,
  tx: Transaction,
  { request, because }: { readonly request: LeaseRequest; readonly because: Because | null },
): Promise<Lease> {
  const fence = await events.nextSeq(tx);
  const lease = await writeGrant(policy, tx, { request, fence });
  await events.append(tx, {
    kind: "lease.granted",
    actor: because?.actor ?? sessionActor(request.session),
    cause: because?.cause ?? null,
    data: {},
    changes: [leaseChange(lease)],
  });
  return lease;
}

/** Ends leases with one event for all of them. */
export async function endLogged(
  { events, policy }: GrantingDeps,
  tx: Transaction,
  { leases, ending }: { readonly leases: readonly Lease[]; readonly ending: Ending },
): Promise<readonly Lease[]> {
  const ended = await writeEnd(policy, tx, { leases, reason: ending.reason });
  if (ended.length > 0) {
    await events.append(tx, {
      kind: "lease.released",
      actor: ending.actor,
      cause: ending.cause,
      data: { reason: ending.reason },
      changes: ended.map(endChange),
    });
  }
  return ended;
}

/** What the end of a lease changes, as events carry it. */
export function endChange(lease: Lease): ReturnType<typeof leaseChange> {
  return {
    entity: "lease",
    id: lease.id,
    set: { released_at: lease.releasedAtMs, release_reason: lease.releaseReason },
  };
}
