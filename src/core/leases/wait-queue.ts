import type { SessionId } from "../base/ids.ts";
import { patternsIntersect } from "./intersect.ts";
import type { PathPolicy } from "./glob.ts";
import { modesConflict, standingOf } from "./lease.ts";
import type { Asker, LeaseMode } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";

/** How long a place in the queue is kept after its session last asked. */
export const placeKeptMs = 60_000;

/** How long a freed place waits for the session to which it is offered. */
export const offerMs = 15_000;

/** How many sessions may queue in one project. */
export const maxWaiting = 200;

/** A session that waits for paths. It holds no others, so nobody waits for it in turn. */
export interface Waiting {
  readonly session: SessionId;
  /** Its place: the lower was first. */
  readonly place: number;
  readonly patterns: readonly PathPattern[];
  readonly mode: LeaseMode;
  readonly reason: string;
  readonly queuedAtMs: number;
  readonly polledAtMs: number;
  /** Since when nothing is in its way, or null. */
  readonly offeredAtMs: number | null;
}

/** True while a waiter's place is kept: it asked lately, and has not let an offer pass. */
export function keepsPlace({ polledAtMs, offeredAtMs }: Waiting, nowMs: number): boolean {
  return (
    nowMs < polledAtMs + placeKeptMs && (offeredAtMs === null || nowMs < offeredAtMs + offerMs)
  );
}

/** What is asked for, by whom, and the place of the asker in the queue; null when it has none. */
export interface QueueAsk extends Asker {
  readonly patterns: readonly PathPattern[];
  readonly mode: LeaseMode;
  readonly place: number | null;
}

/** The waiters whose better right is in the way of an ask: earlier, unrelated or descending, for a path that both ask. */
export function waitersAhead(
  queue: readonly Waiting[],
  ask: QueueAsk,
  policy: PathPolicy,
): readonly Waiting[] {
  return queue.filter(
    (waiting) =>
      (ask.place === null || waiting.place < ask.place) &&
      standingOf(ask, waiting.session) === "foreign" &&
      modesConflict(waiting.mode, ask.mode) &&
      meet(waiting.patterns, ask.patterns, policy),
  );
}

/** The first of the asked patterns that a waiter also waits for, or null. */
export function sharedPattern(
  waiting: Waiting,
  patterns: readonly PathPattern[],
  policy: PathPolicy,
): PathPattern | null {
  return patterns.find((pattern) => meet([pattern], waiting.patterns, policy)) ?? null;
}

/** What a look at the queue changes. */
export interface QueueChange {
  readonly lapsed: readonly Waiting[];
  /** Nothing is in their way any more: the offer begins. */
  readonly offered: readonly Waiting[];
  /** Something came in their way again: the offer is withdrawn. */
  readonly withdrawn: readonly Waiting[];
}

export interface QueueView {
  /** In order of place. */
  readonly queue: readonly Waiting[];
  /** Sessions among them that a live lease refuses. */
  readonly held: ReadonlySet<SessionId>;
  readonly ancestorsOf: (session: SessionId) => readonly SessionId[];
  readonly nowMs: number;
}

/** Decides which places lapse and to whom a freed place is offered. First come, first served; nobody overtakes for a shared path. */
export function decideQueue(view: QueueView, policy: PathPolicy): QueueChange {
  const kept = view.queue.filter((waiting) => keepsPlace(waiting, view.nowMs));
  const isFree = (waiting: Waiting): boolean =>
    !view.held.has(waiting.session) &&
    waitersAhead(kept, { ...waiting, ancestors: view.ancestorsOf(waiting.session) }, policy)
      .length === 0;
  return {
    lapsed: view.queue.filter((waiting) => !kept.includes(waiting)),
    offered: kept.filter((waiting) => waiting.offeredAtMs === null && isFree(waiting)),
    withdrawn: kept.filter((waiting) => waiting.offeredAtMs !== null && !isFree(waiting)),
  };
}

/** True when one of some patterns and one of others share a path. */
export function meet(
  some: readonly PathPattern[],
  others: readonly PathPattern[],
  policy: PathPolicy,
): boolean {
  return some.some((one) => others.some((other) => patternsIntersect(one, other, policy)));
}
