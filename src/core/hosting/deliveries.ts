import type { Store, Transaction } from "../store/index.ts";
import { parseRepositoryName } from "./repository.ts";
import type { RepositoryName } from "./repository.ts";
import {
  countStates,
  deleteOld,
  deleteRepository,
  endDelivery,
  freeLost,
  insertDelivery,
  insertRepository,
  putOff,
  renewLease,
  selectByAbout,
  selectByGuid,
  selectOtherAbout,
  selectDue,
  selectNext,
  selectRepositories,
  updateRunning,
  updateSweep,
} from "./tables.ts";
import type { DeliveryRow } from "./tables.ts";

/** How long a delivery is known after it came, in milliseconds: 7 days. The host delivers again for 3. */
export const keepDeliveriesMs = 7 * 24 * 3_600_000;

/** What a code host delivered, its signature checked. */
export interface NewDelivery {
  /** The host's own name for it; the same when it delivers again. */
  readonly guid: string;
  /** As `pull_request`. */
  readonly event: string;
  /** Null for what is about no repository. */
  readonly repository: RepositoryName | null;
  /** Deliveries of one lane are worked on one after the other, in the order in which they came. */
  readonly lane: string;
  /** What it is about, so that the same from another source is known; null: nothing that could come twice. */
  readonly about: string | null;
  /** True: it happens once, as a comment is written once, so that a second delivery about it is the same, whatever its name. */
  readonly isOnce: boolean;
  /** JSON as it came. Kept until the work is done. */
  readonly payload: string;
  /** True: nobody wants it; only its name is kept. */
  readonly isIdle: boolean;
}

/** A delivery in the hands of a worker. */
export interface ClaimedDelivery {
  readonly number: number;
  readonly guid: string;
  readonly event: string;
  readonly repository: RepositoryName | null;
  readonly payload: string;
  /** From 1. The claim's fence as well. */
  readonly attempt: number;
}

/** How work on a delivery ended. */
export type DeliveryEnd =
  | { readonly kind: "done"; readonly note: string }
  | {
      readonly kind: "again";
      readonly afterMs: number;
      readonly note: string;
      /** False: the attempt does not count, as when a worker was told to stop. */
      readonly isCounted: boolean;
    }
  | { readonly kind: "dead"; readonly note: string };

export interface DeliveryCounts {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly dead: number;
}

export interface SweptRepository {
  readonly repository: RepositoryName;
  readonly sweptToMs: number;
}

/** The deliveries of a code host: each is taken once, kept until it is worked on, and known for 7 days. */
export interface Deliveries {
  /** `known`: it came before, and nothing changes. One that was given up before is taken again. Atomic. */
  accept(delivery: NewDelivery): Promise<"accepted" | "known">;
  /** Hands out the next delivery whose lane is free; null: none is due. Brings back what lost its lease. */
  claim(leaseMs: number): Promise<ClaimedDelivery | null>;
  /** False when the lease was lost. */
  renew(claim: ClaimedDelivery, leaseMs: number): Promise<boolean>;
  /** False when the lease was lost; then nothing changes. */
  end(claim: ClaimedDelivery, end: DeliveryEnd): Promise<boolean>;
  /** Milliseconds until something may be due; null: nothing waits. */
  dueInMs(): Promise<number | null>;
  counts(): Promise<DeliveryCounts>;
  /** True when a delivery of this name came, dead ones left out. */
  knows(guid: string): Promise<boolean>;
  /** True when a delivery about this came within the last 7 days. */
  knowsAbout(about: string): Promise<boolean>;
  /** Every repository that deliveries came from, and the time up to which it was looked through. */
  repositories(): Promise<readonly SweptRepository[]>;
  sweptTo(repository: RepositoryName, atMs: number): Promise<void>;
  forget(repository: RepositoryName): Promise<void>;
  /** Deletes what ended and is older than 7 days. How many were deleted. */
  prune(): Promise<number>;
}

export function createDeliveries(store: Store): Deliveries {
  const { project } = store;
  return {
    accept: async (delivery) => store.write(async (tx) => accept(tx, delivery)),
    claim: async (leaseMs) => store.write(async (tx) => claim(tx, leaseMs)),
    renew: async ({ number, attempt }, leaseMs) =>
      store.write(
        async (tx) =>
          (await tx.run(renewLease, [tx.nowMs + leaseMs, project, number, attempt])) === 1,
      ),
    end: async (claimed, end) => store.write(async (tx) => finish(tx, claimed, end)),
    dueInMs: async () =>
      store.read(async (reader) => {
        const row = await reader.get<{ readonly at_ms: number | null }>(selectNext, [project]);
        const atMs = row?.at_ms ?? null;
        return atMs === null ? null : Math.max(0, atMs - reader.nowMs);
      }),
    counts: async () =>
      store.read(async (reader) => {
        const rows = await reader.all<CountRow>(countStates, [project]);
        return { waiting: 0, running: 0, done: 0, dead: 0, ...Object.fromEntries(rows.map(pair)) };
      }),
    knows: async (guid) =>
      store.read(async (reader) => {
        const row = await reader.get<{ readonly state: string }>(selectByGuid, [project, guid]);
        return row !== null && row.state !== "dead";
      }),
    knowsAbout: async (about) =>
      store.read(async (reader) => (await reader.get(selectByAbout, [project, about])) !== null),
    repositories: async () =>
      store.read(async (reader) => {
        const rows = await reader.all<SweepRow>(selectRepositories, [project]);
        return rows.map((row) => ({ repository: row.repository, sweptToMs: row.swept_to_ms }));
      }),
    sweptTo: async (repository, atMs) => {
      await store.write(async (tx) => tx.run(updateSweep, [atMs, project, repository, atMs]));
    },
    forget: async (repository) => {
      await store.write(async (tx) => tx.run(deleteRepository, [project, repository]));
    },
    prune: async () =>
      store.write(async (tx) => tx.run(deleteOld, [project, tx.nowMs - keepDeliveriesMs, project])),
  };
}

interface CountRow {
  readonly state: string;
  readonly count: number;
}

interface SweepRow {
  readonly repository: RepositoryName;
  readonly swept_to_ms: number;
}

function pair({ state, count }: CountRow): readonly [string, number] {
  return [state, count];
}

async function accept(tx: Transaction, delivery: NewDelivery): Promise<"accepted" | "known"> {
  const { guid, event, repository, lane, about, isOnce, payload, isIdle } = delivery;
  const { project, nowMs } = tx;
  if (isOnce && (await tx.get(selectOtherAbout, [project, about, guid])) !== null) {
    return "known";
  }
  const kept = isIdle ? ["", "done"] : [payload, "waiting"];
  const changed = await tx.run(insertDelivery, [
    project,
    guid,
    event,
    repository,
    lane,
    about,
    ...kept,
    nowMs,
    nowMs,
    project,
  ]);
  return changed === 0 ? "known" : "accepted";
}

async function claim(tx: Transaction, leaseMs: number): Promise<ClaimedDelivery | null> {
  const { project, nowMs } = tx;
  await tx.put(freeLost, [nowMs, project, nowMs]);
  const row = await tx.get<DeliveryRow>(selectDue, [project, nowMs]);
  if (row === null) {
    return null;
  }
  await tx.put(updateRunning, [nowMs + leaseMs, project, row.number]);
  const { number, guid, event, payload } = row;
  const repository = row.repository === null ? null : parseRepositoryName(row.repository);
  return { number, guid, event, repository, payload, attempt: row.attempts + 1 };
}

async function finish(
  tx: Transaction,
  { number, attempt, repository }: ClaimedDelivery,
  end: DeliveryEnd,
): Promise<boolean> {
  const { project, nowMs } = tx;
  const held = [project, number, attempt];
  if (end.kind === "again") {
    const back = end.isCounted ? 0 : 1;
    return (await tx.run(putOff, [nowMs + end.afterMs, end.note, back, ...held])) === 1;
  }
  const values = [end.kind, nowMs, end.note, end.kind, ...held];
  const isHeld = (await tx.run(endDelivery, values)) === 1;
  if (isHeld && repository !== null) {
    // What came before the first delivery is nothing that was missed.
    await tx.put(insertRepository, [project, repository, nowMs]);
  }
  return isHeld;
}
