import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { leaseOf } from "./lease.ts";
import type { Held, Holder, LeaseFacts } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";
import type { LeaseRow, WaitRow } from "./tables.ts";
import type { Waiting } from "./wait-queue.ts";

/** Tells what leases need to know of sessions; a session that is unknown is missing in the answer. */
export type FindHolders = (
  reader: Reader,
  sessions: readonly SessionId[],
) => Promise<ReadonlyMap<SessionId, Holder>>;

export function idOf(number: number): string {
  return `L${String(number)}`;
}

/** The number of an id as `L12`, or null when the text is none. */
export function numberOf(id: string): number | null {
  const digits = /^L([1-9]\d{0,14})$/u.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function writePatterns(patterns: readonly PathPattern[]): string {
  return JSON.stringify(patterns.map(({ kind, text }) => [kind, text]));
}

/** Reads patterns that `writePatterns` wrote. */
export function readPatterns(text: string): readonly PathPattern[] {
  const pairs: readonly (readonly [PathPattern["kind"], string])[] = JSON.parse(text);
  return pairs.map(([kind, path]) => ({ kind, text: path }));
}

export function factsOf(row: LeaseRow): LeaseFacts {
  return {
    id: idOf(row.number),
    session: row.session,
    plan: row.plan,
    task: row.task,
    mode: row.mode,
    origin: row.origin,
    patterns: readPatterns(row.patterns),
    reason: row.reason,
    branch: row.branch,
    fence: row.fence,
    grantedAtMs: row.granted_at_ms,
    durationMs: row.duration_ms,
    renewedAtMs: row.renewed_at_ms,
    releasedAtMs: row.released_at_ms,
    releaseReason: row.release_reason,
  };
}

/** Completes rows with what is known of their holders: one look-up for all of them. */
export async function heldOf(
  reader: Reader,
  rows: readonly LeaseRow[],
  findHolders: FindHolders,
): Promise<readonly Held[]> {
  if (rows.length === 0) {
    return [];
  }
  const sessions = [...new Set(rows.map((row) => row.session))];
  const holders = await findHolders(reader, sessions);
  return rows.map((row) => {
    const holder = holders.get(row.session) ?? null;
    return { lease: leaseOf(factsOf(row), holder), holder, renewedAtMs: row.renewed_at_ms };
  });
}

export function waitingOf(row: WaitRow): Waiting {
  return {
    session: row.session,
    place: row.place,
    patterns: readPatterns(row.patterns),
    mode: row.mode,
    reason: row.reason,
    queuedAtMs: row.queued_at_ms,
    polledAtMs: row.polled_at_ms,
    offeredAtMs: row.offered_at_ms,
  };
}
