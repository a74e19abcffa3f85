import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import { lastReservationProbe } from "../costs/index.ts";
import { eventProbes } from "../events/index.ts";
import { lastLeaseProbe, leaseProbes } from "../leases/index.ts";
import { messageProbes } from "../messages/index.ts";
import { firstCandidatesQuery, planProbes } from "../plans/index.ts";
import type { Candidate } from "../plans/index.ts";
import { lookingUp } from "../sessions/index.ts";
import type { LookedUp, Session } from "../sessions/index.ts";
import { probing } from "../store/index.ts";
import type { Query, SqlValue, Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { firstPage } from "./pick.ts";

/** What requests of several sessions find at their start, as `FirstLook` for one. */
export interface BatchLook {
  /** False where a session stands in the queue for paths, or plans have a limit of claimed tasks: then each is looked at by itself. */
  readonly isPlain: boolean;
  readonly lastLease: number;
  readonly lastReservation: number;
  /** The ready tasks that they choose from. */
  readonly ready: readonly Candidate[];
  /** In the order of the handles: the session of each, or why there is none. */
  readonly each: readonly (SessionLook | SkeinError)[];
}

export interface SessionLook {
  readonly session: Session;
  readonly holdsTask: boolean;
  readonly hasMail: boolean;
  readonly hasTouched: boolean;
}

/** Those who ask for work, by their handles, of one plan or of all. */
export interface Askers {
  readonly handles: readonly string[];
  readonly plan: string | null;
}

const { newestToAll, ...ownMail } = messageProbes;
const { hasTouched, ...ofLeases } = leaseProbes;
const { holdsTask, ...ofPlans } = planProbes;

const aboutProject = probing({
  ...eventProbes,
  ...ofPlans,
  ...ofLeases,
  lastLease: lastLeaseProbe,
  lastReservation: lastReservationProbe,
  newestToAll,
});

const sessionProbes = { ...ownMail, holdsTask, hasTouched } as const;
const sessionsOf = lookingUp(sessionProbes);

/** What `lookForAll` asks. */
export function batchQueries(project: string, askers: Askers): readonly Query[] {
  return [
    ...sessionsOf.queries(project, askers.handles),
    { sql: aboutProject.sql, params: aboutProject.params(project, {}) },
    firstCandidatesQuery(project, pageFor(askers)),
  ];
}

/** As many ready tasks as one looks at first, and one more for each of the others. */
function pageFor({ handles, plan }: Askers): {
  readonly plan: string | null;
  readonly limit: number;
} {
  return { plan, limit: firstPage + handles.length - 1 };
}

/** Looks at all that several requests for work may have to know, and tells each module what it found of it. */
export async function lookForAll(
  { events, leases, plans }: DispatchDeps,
  tx: Transaction,
  askers: Askers,
): Promise<BatchLook> {
  const [each, found, ready] = await together([
    sessionsOf.ask(tx, askers.handles),
    aboutProject.ask(tx, {}),
    plans.firstCandidates(tx, pageFor(askers)),
  ]);
  const { lastSeq, lastHash } = found;
  events.startAt(tx, lastHash === null ? null : { seq: numberOf(lastSeq), hash: String(lastHash) });
  const hasQueue = found.hasQueue !== null;
  leases.noteSeen(tx, { hasQueue, hasLanded: found.hasLanded !== null });
  const toAll = numberOf(found.newestToAll);
  return {
    isPlain: !hasQueue && found.isLimited === null,
    lastLease: numberOf(found.lastLease),
    lastReservation: numberOf(found.lastReservation),
    ready,
    each: each.map((one) => (one instanceof SkeinError ? one : seenOf(one, toAll))),
  };
}

function seenOf(
  { session, found }: LookedUp<keyof typeof sessionProbes>,
  toAll: number,
): SessionLook {
  const { newestToSession, newestToRole, readTo } = found;
  const newest = Math.max(toAll, numberOf(newestToSession), numberOf(newestToRole));
  return {
    session,
    holdsTask: found.holdsTask !== null,
    hasMail: newest > numberOf(readTo),
    hasTouched: found.hasTouched !== null,
  };
}

function numberOf(value: SqlValue): number {
  return typeof value === "number" ? value : 0;
}
