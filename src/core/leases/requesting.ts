import { SkeinError } from "../base/errors.ts";
import type { SessionId } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Transaction } from "../store/index.ts";
import { leaseErrors } from "./errors.ts";
import { ensureFewGlobs, ensureRoomAround } from "./glob-bounds.ts";
import { endLogged, grantLogged, timeIsOver } from "./granting.ts";
import type { Because, Ending, GrantingDeps } from "./granting.ts";
import type { Holding, HoldingDeps, PathAsk } from "./holding.ts";
import { handOverLogged } from "./landing.ts";
import { getLease, ofSession, ofTask, writeRenewal } from "./ledger.ts";
import { isLive } from "./lease.ts";
import type { Held, Lease, LeaseOutcome, LeaseRequest, Refusal } from "./lease.ts";
import { ensureRoomInProject } from "./project-room.ts";
import { samePatterns } from "./queueing.ts";
import type { Queueing } from "./queueing.ts";

/** A request for paths that may wait in the queue. */
export interface PathRequest extends LeaseRequest {
  /** Parents of the session from the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
  /** True to stand in the queue when refused; a session that holds a lease never does. */
  readonly queue: boolean;
}

/** Which leases to end. */
export type ReleaseTarget =
  | { readonly kind: "leases"; readonly ids: readonly string[] }
  /** All that the session holds and its place in the queue; landing leases outlive it. */
  | { readonly kind: "session"; readonly session: SessionId }
  /** All of a task, landing leases too. */
  | { readonly kind: "task"; readonly plan: string; readonly task: string };

export interface Released {
  /** Those that this call ended. */
  readonly leases: readonly Lease[];
  /** Sessions that wait for what became free. */
  readonly waiters: number;
}

/** A lease that its holder gives to another session. */
export interface HandOver extends Because {
  readonly lease: string;
  readonly to: SessionId;
}

/** What the decisions about leases work with. */
export interface Parts extends GrantingDeps, HoldingDeps {
  readonly holding: Holding;
  readonly queueing: Queueing;
  /** The most live leases beyond those of tasks; null: no limit. */
  readonly mostLeases: number | null;
}

/** Decides a request as a whole and writes what follows. @throws {SkeinError} SKN-4201, SKN-4502, SKN-7501, SKN-7502, SKN-7503. */
export async function decideRequest(
  parts: Parts,
  tx: Transaction,
  request: PathRequest,
): Promise<LeaseOutcome> {
  const own = await ofSession(parts, tx, request.session);
  const same = own.find(({ lease }) => isSameRequest(lease, request));
  if (same !== undefined && isLive(same.lease, tx.nowMs)) {
    return { kind: "granted", lease: await renew(tx, same.lease, request) };
  }
  ensureFewGlobs(own, request, tx.nowMs);
  const { refused, globsNear } = await lookAround(parts, tx, request);
  if (refused.length === 0) {
    ensureRoomAround(globsNear, request);
    await endStale(parts, tx, same === undefined ? [] : [same]);
    await ensureRoomInProject(parts, tx, request.origin);
    return { kind: "granted", lease: await grantLogged(parts, tx, { request, because: null }) };
  }
  return { kind: "refused", refused, ahead: await joinQueue(parts, tx, { request, own }) };
}

/**
 * Queues a session that holds nothing, and counts who is ahead; null when it does not queue. Landing leases wait for integration and not for
 * their session, so they never close a circle of waiting. Leases of its own whose time is over end for good, or
 * their late renewal would make it one that holds and waits.
 */
async function joinQueue(
  parts: Parts,
  tx: Transaction,
  { request, own }: { readonly request: PathRequest; readonly own: readonly Held[] },
): Promise<number | null> {
  const working = own.filter(({ lease }) => lease.origin !== "landing");
  if (!request.queue || working.some(({ lease }) => isLive(lease, tx.nowMs))) {
    return null;
  }
  await endStale(parts, tx, working);
  return parts.queueing.join(tx, request);
}

/** Ends what is stale in the way of an ask, and tells what is left there. */
export async function conflicts(
  parts: Parts,
  tx: Transaction,
  ask: PathAsk,
): Promise<readonly Refusal[]> {
  const { holding, queueing } = parts;
  if (!queueing.isEmpty(tx)) {
    return (await lookAround(parts, tx, ask)).refused;
  }
  const { refusals, stale } = await holding.inTheWay(tx, ask);
  if (stale.length > 0) {
    await endStale(parts, tx, stale);
  }
  return refusals;
}

interface Around {
  readonly refused: readonly Refusal[];
  readonly globsNear: number;
}

async function lookAround(parts: Parts, tx: Transaction, ask: PathAsk): Promise<Around> {
  const { holding, queueing } = parts;
  const [{ refusals, stale, globsNear }, queue] = queueing.isEmpty(tx)
    ? [await holding.inTheWay(tx, ask), []]
    : await together([holding.inTheWay(tx, ask), queueing.all(tx)]);
  if (stale.length > 0) {
    await endStale(parts, tx, stale);
  }
  const waiters = queue.length === 0 ? [] : await queueing.refusals(tx, ask, queue);
  return { refused: [...refusals, ...waiters], globsNear };
}

/** Ends leases and begins the offers that follow. */
export async function release(
  parts: Parts,
  tx: Transaction,
  { target, ending }: { readonly target: ReleaseTarget; readonly ending: Ending },
): Promise<Released> {
  if (target.kind === "session") {
    await parts.queueing.leave(tx, target.session);
  }
  const leases = await leasesOf(parts, tx, target);
  return freed(parts, tx, await endLogged(parts, tx, { leases, ending }));
}

/** Begins the offers that follow from leases having ended. */
export async function freed(
  { queueing }: Parts,
  tx: Transaction,
  leases: readonly Lease[],
): Promise<Released> {
  const patterns = leases.flatMap((lease) => lease.patterns);
  return { leases, waiters: patterns.length === 0 ? 0 : await queueing.freed(tx, patterns) };
}

/** Gives a lease to another session, unless somebody else is in the receiver's way. Waiters have no say: the paths do not become free. */
export async function decideHandOver(
  parts: Parts,
  tx: Transaction,
  { lease: id, to, actor, cause }: HandOver,
): Promise<LeaseOutcome> {
  const { lease: from } = (await getLease(parts, tx, id)) ?? missing(id);
  if (!isLive(from, tx.nowMs) || !isTransferable(from) || from.session === to) {
    throw new SkeinError(leaseErrors.cannotHandOver, {
      message: `The lease ${id} cannot be handed over to ${to}.`,
      facts: { lease: id, holder: from.session, origin: from.origin },
    });
  }
  const receiver = (await parts.renewedAt(tx, [to])).get(to);
  if (receiver === undefined || receiver.ended) {
    throw new SkeinError(leaseErrors.noHolder, {
      message: `There is no living session ${to}.`,
      facts: { session: to },
    });
  }
  const ask = {
    session: to,
    ancestors: receiver.ancestors,
    patterns: from.patterns,
    mode: from.mode,
  };
  const { refusals, stale } = await parts.holding.inTheWay(tx, ask);
  const refused = refusals.filter((refusal) => refusal.by?.id !== id);
  if (refused.length > 0) {
    return { kind: "refused", refused, ahead: null };
  }
  await endStale(parts, tx, stale);
  const lease = await handOverLogged(parts, tx, { from, to, because: { actor, cause } });
  return { kind: "granted", lease };
}

async function leasesOf(
  parts: Parts,
  tx: Transaction,
  target: ReleaseTarget,
): Promise<readonly Lease[]> {
  switch (target.kind) {
    case "leases":
      return byIds(parts, tx, target.ids);
    case "session": {
      const held = await ofSession(parts, tx, target.session);
      return held.map(({ lease }) => lease).filter(({ origin }) => origin !== "landing");
    }
    case "task":
      return ofTask(parts, tx, target);
    default:
      return target satisfies never;
  }
}

async function byIds(
  parts: Parts,
  tx: Transaction,
  ids: readonly string[],
): Promise<readonly Lease[]> {
  const found: Lease[] = [];
  for (const id of new Set(ids)) {
    const { lease } = (await getLease(parts, tx, id)) ?? missing(id);
    found.push(lease);
  }
  return found;
}

/** Ends leases whose time is over, so that a late renewal does not bring them back beside their successors. */
async function endStale(parts: Parts, tx: Transaction, stale: readonly Held[]): Promise<void> {
  const dead = stale.filter(isOfDead).map(({ lease }) => lease);
  // The event that ended the session is not known here.
  const ending = { actor: "system", cause: null, reason: "dead" } as const;
  await endLogged(parts, tx, { leases: dead, ending });
  const expired = stale.filter((held) => !isOfDead(held)).map(({ lease }) => lease);
  await endLogged(parts, tx, { leases: expired, ending: timeIsOver(expired) });
}

function isOfDead({ holder }: Held): boolean {
  return holder === null || holder.ended;
}

/** Asking again lengthens a lease and never shortens it: what was promised before stays. */
async function renew(tx: Transaction, lease: Lease, request: PathRequest): Promise<Lease> {
  const durationMs = Math.max(lease.durationMs, request.durationMs);
  const renewed = { ...lease, durationMs };
  await writeRenewal(tx, renewed);
  const untilMs = lease.untilMs === null ? null : Math.max(lease.untilMs, tx.nowMs + durationMs);
  return { ...renewed, untilMs };
}

function isSameRequest(lease: Lease, request: LeaseRequest): boolean {
  return (
    lease.origin === request.origin &&
    lease.mode === request.mode &&
    lease.plan === request.plan &&
    lease.task === request.task &&
    samePatterns(lease.patterns, request.patterns)
  );
}

function isTransferable({ origin }: Lease): boolean {
  return origin === "files" || origin === "edit";
}

function missing(id: string): never {
  throw new SkeinError(leaseErrors.noLease, {
    message: `There is no lease ${JSON.stringify(id)}.`,
    facts: { lease: id },
  });
}
