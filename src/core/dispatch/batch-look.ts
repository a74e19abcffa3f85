import { together } from "../base/together.ts";
import { lastReservationProbe } from "../costs/index.ts";
import { eventProbes } from "../events/index.ts";
import { lastLeaseProbe, leaseProbes } from "../leases/index.ts";
import { messageProbes } from "../messages/index.ts";
import { planProbes } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import { probing, probingAll } from "../store/index.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";

/** What requests of several sessions find at their start, as `FirstLook` for one. */
export interface BatchLook {
  /** False where a session stands in the queue for paths, or plans have a limit of claimed tasks: then each is looked at by itself. */
  readonly isPlain: boolean;
  readonly lastLease: number;
  readonly lastReservation: number;
  /** In the order of the sessions. */
  readonly each: readonly SessionLook[];
}

export interface SessionLook {
  readonly holdsTask: boolean;
  readonly hasMail: boolean;
  readonly hasTouched: boolean;
}

const { newestToAll, ...ownMail } = messageProbes;
const { hasTouched, ...ofLeases } = leaseProbes;
const { holdsTask, ...ofPlans } = planProbes;

const projectProbes = {
  ...eventProbes,
  ...ofPlans,
  ...ofLeases,
  lastLease: lastLeaseProbe,
  lastReservation: lastReservationProbe,
} as const;
const lookAtProject = probing<Session, keyof typeof projectProbes | "newestToAll">({
  ...projectProbes,
  newestToAll,
});

const sessionProbes = { ...ownMail, holdsTask, hasTouched } as const;
const lookAtEach = probingAll<Session, keyof typeof sessionProbes>(sessionProbes);

/** Looks at all that several requests for work may have to know, and tells each module what it found of it. */
export async function lookForAll(
  { events, leases }: DispatchDeps,
  tx: Transaction,
  sessions: readonly [Session, ...Session[]],
): Promise<BatchLook> {
  const [found, each] = await together([lookAtProject(tx, sessions[0]), lookAtEach(tx, sessions)]);
  const { lastSeq, lastHash } = found;
  events.startAt(tx, lastHash === null ? null : { seq: numberOf(lastSeq), hash: String(lastHash) });
  const hasQueue = found.hasQueue !== null;
  leases.noteSeen(tx, { hasQueue, hasLanded: found.hasLanded !== null });
  const toAll = numberOf(found.newestToAll);
  return {
    isPlain: !hasQueue && found.isLimited === null,
    lastLease: numberOf(found.lastLease),
    lastReservation: numberOf(found.lastReservation),
    each: each.map((of) => ({
      holdsTask: of.holdsTask !== null,
      hasMail:
        Math.max(toAll, numberOf(of.newestToSession), numberOf(of.newestToRole)) >
        numberOf(of.readTo),
      hasTouched: of.hasTouched !== null,
    })),
  };
}

function numberOf(value: SqlValue): number {
  return typeof value === "number" ? value : 0;
}
