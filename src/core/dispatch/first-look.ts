import { eventProbes } from "../events/index.ts";
import { leaseProbes } from "../leases/index.ts";
import { messageProbes } from "../messages/index.ts";
import { planProbes } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import { probing } from "../store/index.ts";
import type { SqlValue, Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";

/** What a request for work finds at its start; mostly it is nothing, and then what each of these stands for is not read. */
export interface FirstLook {
  /** The session has a claimed task. */
  readonly holdsTask: boolean;
  /** Plans have a limit of claimed tasks. */
  readonly isLimited: boolean;
  /** Messages may wait for the session. */
  readonly hasMail: boolean;
  /** The session has or had leases. */
  readonly hasTouched: boolean;
  /** Where the log ends, with what the transaction has appended. */
  readonly seq: number;
}

const look = probing({ ...eventProbes, ...planProbes, ...messageProbes, ...leaseProbes });

/** Looks at all that a request for work may have to know, in one statement, and tells each module what it found of it. */
export async function firstLook(
  { events, leases }: DispatchDeps,
  tx: Transaction,
  session: Session,
): Promise<FirstLook> {
  const found = await look.ask(tx, session);
  const { lastSeq, lastHash } = found;
  // With what this transaction itself has appended: a dead session's end frees paths.
  const seq = events.startAt(
    tx,
    lastHash === null ? null : { seq: numberOf(lastSeq), hash: String(lastHash) },
  );
  leases.noteSeen(tx, { hasQueue: found.hasQueue !== null, hasLanded: found.hasLanded !== null });
  const newest = Math.max(
    numberOf(found.newestToSession),
    numberOf(found.newestToRole),
    numberOf(found.newestToAll),
  );
  return {
    holdsTask: found.holdsTask !== null,
    isLimited: found.isLimited !== null,
    hasMail: newest > numberOf(found.readTo),
    hasTouched: found.hasTouched !== null,
    seq,
  };
}

function numberOf(value: SqlValue): number {
  return typeof value === "number" ? value : 0;
}
