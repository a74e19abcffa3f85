import type { SessionId } from "../base/ids.ts";
import type { EntityChange } from "../events/index.ts";
import { patternText } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";

export type LeaseMode = "exclusive" | "shared";

/** How a lease came to be: with a claim, by `claim_files`, by the edit hook, or left behind by a submitted task. */
export type LeaseOrigin = "claim" | "files" | "edit" | "landing";

/** Paths held by a session until a time. */
export interface Lease {
  /** `L` and a number, as `L12`. */
  readonly id: string;
  readonly session: SessionId;
  readonly plan: string | null;
  readonly task: string | null;
  readonly mode: LeaseMode;
  readonly origin: LeaseOrigin;
  readonly patterns: readonly PathPattern[];
  /** Why it is held, in the holder's words: shown as quoted data, never obeyed. */
  readonly reason: string;
  /** The branch its holder works on, when known. */
  readonly branch: string | null;
  /** The sequence number of the event that granted it. */
  readonly fence: number;
  readonly grantedAtMs: number;
  /** How long it lasts after its last renewal. */
  readonly durationMs: number;
  /**
   * When it ends unless renewed: `durationMs` after the later of its grant and its renewal. Null for a landing lease, which lasts until
   * integration, and while its session waits on a person.
   */
  readonly untilMs: number | null;
  readonly releasedAtMs: number | null;
  /** `released`, `finished`, `expired`, `dead`, `integrated`, `handed-over`, `forced`, … or null while it lives. */
  readonly releaseReason: string | null;
}

/** A request for paths: all of them or none. */
export interface LeaseRequest {
  readonly session: SessionId;
  readonly patterns: readonly PathPattern[];
  readonly mode: LeaseMode;
  readonly origin: LeaseOrigin;
  readonly reason: string;
  readonly durationMs: number;
  readonly plan: string | null;
  readonly task: string | null;
  readonly branch: string | null;
}

/** One path of a request that another session holds, and what an agent needs to know about it. */
export interface Refusal {
  /** The requested pattern as the caller wrote it. */
  readonly path: string;
  /** The lease in the way, or null when an earlier waiter has the better right. */
  readonly by: Lease | null;
  readonly holder: SessionId;
  readonly holderName: string;
  readonly untilMs: number | null;
  readonly reason: string;
}

export type LeaseOutcome =
  | { readonly kind: "granted"; readonly lease: Lease }
  /** Nothing was taken. `ahead` counts earlier waiters for these paths; null when the request did not queue. */
  | {
      readonly kind: "refused";
      readonly refused: readonly Refusal[];
      readonly ahead: number | null;
    };

/** What is stored of a lease: everything but its end, which is derived from it and its holder. */
export interface LeaseFacts extends Omit<Lease, "untilMs"> {
  /** When it was last asked for again; for a lease of the edit hook, when its path was last edited. */
  readonly renewedAtMs: number;
}

/** What leases need to know of the session that holds them. */
export interface Holder {
  readonly name: string;
  /** Parents from the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
  readonly renewedAtMs: number;
  /** While a tool call runs: the latest time it may last to, or null. */
  readonly callUntilMs: number | null;
  /** True while it waits on a person: nothing of it expires. */
  readonly parked: boolean;
  readonly ended: boolean;
}

/** Who asks for paths. */
export interface Asker {
  /** Null for a person, who holds nothing. */
  readonly session: SessionId | null;
  /** Parents of the session from the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
}

/**
 * Tells when a lease ends unless it is renewed, or null when it does not end by time.
 *
 * Any call of its session renews a lease, but for one of the edit hook, which edits of its path alone renew. A lease ends with its
 * session: then, and when no such session is known, the time is that of the grant. A landing lease outlives its session.
 */
export function untilMsOf(facts: LeaseFacts, holder: Holder | null): number | null {
  if (facts.origin === "landing") {
    return null;
  }
  if (holder === null || holder.ended) {
    return facts.grantedAtMs;
  }
  if (holder.parked) {
    return null;
  }
  const ownMs = Math.max(facts.grantedAtMs, facts.renewedAtMs) + facts.durationMs;
  return facts.origin === "edit"
    ? ownMs
    : Math.max(ownMs, holder.renewedAtMs + facts.durationMs, holder.callUntilMs ?? 0);
}

/** Completes stored facts with the end that follows from them. */
export function leaseOf(facts: LeaseFacts, holder: Holder | null): Lease {
  const { renewedAtMs: _, ...stored } = facts;
  return { ...stored, untilMs: untilMsOf(facts, holder) };
}

/** True while a lease excludes others; at the very millisecond of its end it no longer does. */
export function isLive(lease: Lease, nowMs: number): boolean {
  return lease.releasedAtMs === null && (lease.untilMs === null || lease.untilMs > nowMs);
}

/** True unless both only share. */
export function modesConflict(one: LeaseMode, other: LeaseMode): boolean {
  return one === "exclusive" || other === "exclusive";
}

/**
 * How a holder stands to an asker: itself, an ancestor for whom it works and whose lease covers it, or foreign. A descendant is foreign:
 * what was lent to it is its own until it gives it back.
 */
export function standingOf(asker: Asker, holder: SessionId): "own" | "covered" | "foreign" {
  if (asker.session === holder) {
    return "own";
  }
  return asker.ancestors.includes(holder) ? "covered" : "foreign";
}

/** What the ledger says of one path for one session. */
export type LeaseVerdict =
  | { readonly kind: "free" }
  /** `isRenewalDue`: it is a lease of the edit hook, and an edit now should renew it. */
  | { readonly kind: "own"; readonly lease: Lease; readonly isRenewalDue: boolean }
  /** Held by an ancestor, for whom this session works. */
  | { readonly kind: "covered"; readonly lease: Lease }
  | { readonly kind: "foreign"; readonly refusal: Refusal };

/** One live lease on a path, with what else is known of it. */
export interface Held {
  readonly lease: Lease;
  readonly holder: Holder | null;
  readonly renewedAtMs: number;
}

/** Renewals of one lease are written at most this often. */
export const renewalMs = 60_000;

/**
 * Judges a path by the live leases on it. A foreign lease wins over the session's own unless both only share (the foreign one is then a
 * descendant's), its own over an ancestor's.
 */
export function judgePath(path: string, asker: Asker, found: PathFindings): LeaseVerdict {
  const standing = (held: Held): string => standingOf(asker, held.lease.session);
  const own = found.held.find((held) => standing(held) === "own");
  const foreign = found.held.find(
    (held) =>
      standing(held) === "foreign" &&
      (own === undefined || modesConflict(own.lease.mode, held.lease.mode)),
  );
  if (foreign !== undefined) {
    return { kind: "foreign", refusal: refusalOf(path, foreign) };
  }
  if (own !== undefined) {
    const isRenewalDue = own.lease.origin === "edit" && own.renewedAtMs + renewalMs <= found.nowMs;
    return { kind: "own", lease: own.lease, isRenewalDue };
  }
  const covering = found.held.find((held) => standing(held) === "covered");
  return covering === undefined ? { kind: "free" } : { kind: "covered", lease: covering.lease };
}

export interface PathFindings {
  readonly held: readonly Held[];
  readonly nowMs: number;
}

/** Tells an asker who is in the way. */
export function refusalOf(
  path: string,
  { lease, holder }: Pick<Held, "lease" | "holder">,
): Refusal {
  return {
    path,
    by: lease,
    holder: lease.session,
    holderName: holder?.name ?? lease.session,
    untilMs: lease.untilMs,
    reason: lease.reason,
  };
}

/** The change of a lease as events carry it. */
export function leaseChange(lease: Lease): EntityChange {
  return {
    entity: "lease",
    id: lease.id,
    set: {
      session: lease.session,
      plan: lease.plan,
      task: lease.task,
      patterns: lease.patterns.map(patternText),
      mode: lease.mode,
      origin: lease.origin,
      reason: lease.reason,
      branch: lease.branch,
      fence: lease.fence,
      from: lease.grantedAtMs,
      until: lease.untilMs,
      released_at: lease.releasedAtMs,
      release_reason: lease.releaseReason,
    },
  };
}
