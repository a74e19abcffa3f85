import type { SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { writeLease, writePaths } from "./granting.ts";
import type { HoldingDeps } from "./holding.ts";
import { isLive, renewalMs } from "./lease.ts";
import type { Held, Lease } from "./lease.ts";
import { patternText } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";
import { heldOf, numberOf, readPatterns } from "./rows.ts";
import * as sql from "./tables.ts";

/** Which live leases are meant; what is left out is not asked for. */
export interface LeaseFilter {
  readonly session?: SessionId | undefined;
  readonly plan?: string | undefined;
  readonly task?: string | undefined;
}

/** A part of all leases, in order of their ids. */
export interface LeasePage {
  /** The id of the last lease of the page before, or null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** Unreleased leases of a session, expired ones too. */
export async function ofSession(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  session: SessionId,
): Promise<readonly Held[]> {
  const rows = await reader.all<sql.LeaseRow>(sql.selectLiveOfSession, [reader.project, session]);
  return heldOf(reader, rows, renewedAt);
}

/** Unreleased leases of a task, expired and landing ones too. */
export async function ofTask(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  { plan, task }: { readonly plan: string; readonly task: string },
): Promise<readonly Lease[]> {
  const rows = await reader.all<sql.LeaseRow>(sql.selectLiveOfTask, [reader.project, plan, task]);
  return (await heldOf(reader, rows, renewedAt)).map(({ lease }) => lease);
}

export async function getLease(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  id: string,
): Promise<Held | null> {
  const number = numberOf(id);
  if (number === null) {
    return null;
  }
  const row = await reader.get<sql.LeaseRow>(sql.selectLease, [reader.project, number]);
  const [held = null] = row === null ? [] : await heldOf(reader, [row], renewedAt);
  return held;
}

/** Live leases, oldest first. */
export async function listLive(
  deps: HoldingDeps,
  reader: Reader,
  filter: LeaseFilter,
): Promise<readonly Lease[]> {
  const held = await heldOf(reader, await unreleased(reader, filter), deps.renewedAt);
  return held
    .map(({ lease }) => lease)
    .filter((lease) => isLive(lease, reader.nowMs))
    .filter((lease) => filter.session === undefined || lease.session === filter.session)
    .filter((lease) => filter.plan === undefined || lease.plan === filter.plan)
    .filter((lease) => filter.task === undefined || lease.task === filter.task);
}

/** The rows among which a filter chooses, by the index that fits. */
async function unreleased(
  reader: Reader,
  { session, plan, task }: LeaseFilter,
): Promise<readonly sql.LeaseRow[]> {
  if (plan !== undefined && task !== undefined) {
    return reader.all<sql.LeaseRow>(sql.selectLiveOfTask, [reader.project, plan, task]);
  }
  return session === undefined
    ? reader.all<sql.LeaseRow>(sql.selectLive, [reader.project])
    : reader.all<sql.LeaseRow>(sql.selectLiveOfSession, [reader.project, session]);
}

/** The patterns of the last `limit` leases of a session, live or ended, each once, the newest first. */
export async function touchedBy(
  reader: Reader,
  session: SessionId,
  limit: number,
): Promise<readonly PathPattern[]> {
  const rows = await reader.all<{ readonly patterns: string }>(sql.selectLastOfSession, [
    reader.project,
    session,
    limit,
  ]);
  const byText = new Map(
    rows
      .flatMap((row) => readPatterns(row.patterns))
      .map((pattern) => [patternText(pattern), pattern] as const),
  );
  return [...byText.values()];
}

/** Leases ever granted and not pruned. */
export async function history(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  { after, limit }: LeasePage,
): Promise<readonly Lease[]> {
  const number = after === null ? 0 : (numberOf(after) ?? 0);
  const rows = await reader.all<sql.LeaseRow>(sql.selectAfterNumber, [
    reader.project,
    number,
    limit,
  ]);
  return (await heldOf(reader, rows, renewedAt)).map(({ lease }) => lease);
}

/**
 * Unreleased leases whose time is over. A lease that was renewed meanwhile is looked at again when the renewed time is over, so the work
 * is that of the leases that may be over, not of all.
 */
export async function expired(
  { renewedAt }: HoldingDeps,
  tx: Transaction,
): Promise<readonly Lease[]> {
  const rows = await tx.all<sql.LeaseRow>(sql.selectDue, [tx.project, tx.nowMs]);
  const over: Lease[] = [];
  for (const { lease } of await heldOf(tx, rows, renewedAt)) {
    if (isLive(lease, tx.nowMs)) {
      const nextMs = lease.untilMs ?? tx.nowMs + lease.durationMs;
      await tx.put(sql.updateCheckAt, [nextMs, tx.project, numberOf(lease.id)]);
    } else {
      over.push(lease);
    }
  }
  return over;
}

/** Renews a lease by its own clock, once a minute at most. */
export async function renewEdit(deps: HoldingDeps, tx: Transaction, id: string): Promise<void> {
  const held = await getLease(deps, tx, id);
  if (held !== null && isLive(held.lease, tx.nowMs) && held.renewedAtMs + renewalMs <= tx.nowMs) {
    await writeRenewal(tx, held.lease);
  }
}

/** Begins a lease's time anew, with the lease's duration. */
export async function writeRenewal(tx: Transaction, lease: Lease): Promise<void> {
  await tx.put(sql.updateRenewed, [tx.nowMs, lease.durationMs, tx.project, numberOf(lease.id)]);
}

/** Writes leases back as they were, the live ones with their paths. */
export async function restore(
  { policy }: HoldingDeps,
  tx: Transaction,
  leases: readonly Lease[],
): Promise<void> {
  for (const lease of leases) {
    await writeLease(tx, lease, lease.grantedAtMs);
    if (lease.releasedAtMs === null) {
      await writePaths(policy, tx, lease);
    }
  }
}

/** Forgets leases released, and commits landed, before a time. */
export async function prune(tx: Transaction, beforeMs: number): Promise<number> {
  await tx.put(sql.deleteLandedBefore, [tx.project, beforeMs]);
  return tx.run(sql.deleteReleasedBefore, [tx.project, beforeMs, tx.project]);
}

/** Whether the time of some lease may be over; whoever looks then calls `expired`. */
export async function isAnyDue(reader: Reader): Promise<boolean> {
  const rows = await reader.all<sql.LeaseRow>(sql.selectDue, [reader.project, reader.nowMs]);
  return rows.length > 0;
}
