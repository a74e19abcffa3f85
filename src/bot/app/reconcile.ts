import type { App, DeliveryAttempt } from "../../adapters/github/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type { Deliveries, RepositoryName, SweptRepository } from "../../core/hosting/index.ts";
import { aboutOf, describeDelivery } from "./describe.ts";

export interface ReconcileOptions {
  readonly app: Pick<App, "deliveriesSince" | "redeliver" | "changesSince">;
  readonly deliveries: Deliveries;
  /** The wall clock, which the host's times are of. */
  readonly nowMs: () => number;
  readonly onFault: (error: unknown) => void;
}

/** What one look found. */
export interface Reconciled {
  /** Deliveries that the host was asked to send again. */
  readonly redelivered: number;
  /** Events that were put in the queue from what repositories hold. */
  readonly found: number;
}

/** GitHub delivers again what is at most this old, in milliseconds: 3 days. */
const redeliverableMs = 3 * 24 * 3_600_000;

/** A delivery that failed this often is left to people. */
const maxTries = 4;

/** At most so many in one look: what is left is for the next. */
const maxRedeliveries = 100;

/** How far the next look goes back behind this one: clocks differ, and lists lag. */
const overlapMs = 5 * 60_000;

/**
 * Looks for what never came: deliveries that the host tried without success, and heads, comments and issues that no delivery told of. A fault in one
 * place is told and leaves the others.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const redelivered = await guarded(options, async () => redeliverLost(options));
  let found = 0;
  for (const swept of await options.deliveries.repositories()) {
    found += await guarded(options, async () => sweep(options, swept));
  }
  return { redelivered, found };
}

async function guarded(
  { onFault }: ReconcileOptions,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    onFault(error);
    return 0;
  }
}

async function redeliverLost({ app, deliveries, nowMs }: ReconcileOptions): Promise<number> {
  const attempts = await app.deliveriesSince(nowMs() - redeliverableMs);
  let count = 0;
  for (const guid of new Set(attempts.map((attempt) => attempt.guid))) {
    const newest = newestOf(attempts.filter((attempt) => attempt.guid === guid));
    if (newest !== null && !(await deliveries.knows(guid))) {
      await app.redeliver(newest.id);
      count += 1;
    }
    if (count >= maxRedeliveries) {
      break;
    }
  }
  return count;
}

/** The last of several tries; null when one of them was taken, or there were enough. */
function newestOf(tries: readonly DeliveryAttempt[]): DeliveryAttempt | null {
  const isTaken = tries.some(({ statusCode }) => statusCode >= 200 && statusCode < 300);
  return isTaken || tries.length >= maxTries
    ? null
    : (tries.toSorted((one, other) => other.deliveredAtMs - one.deliveredAtMs)[0] ?? null);
}

async function sweep(
  { app, deliveries, nowMs }: ReconcileOptions,
  { repository, sweptToMs }: SweptRepository,
): Promise<number> {
  const startMs = nowMs();
  let count = 0;
  try {
    for (const { event, payload } of await app.changesSince(repository, sweptToMs - overlapMs)) {
      const about = aboutOf({ event, payload, repository });
      if (about !== null && !(await deliveries.knowsAbout(about))) {
        const text = JSON.stringify(payload);
        const guid = `swept ${about}`;
        const delivery = describeDelivery({ guid, event, text, payload });
        count += (await deliveries.accept(delivery)) === "accepted" ? 1 : 0;
      }
    }
  } catch (error) {
    if (error instanceof SkeinError && error.code === hostingErrors.missing.code) {
      // The App was taken out of the repository, or the repository is gone.
      await deliveries.forget(repository);
      return count;
    }
    throw error;
  }
  await deliveries.sweptTo(repository, startMs);
  return count + (await putSweep({ deliveries, repository, nowMs: startMs }));
}

/** How often each repository is looked through whole, in milliseconds: leases change without an event. */
const sweepEveryMs = 30 * 60_000;

interface Sweeping {
  readonly deliveries: Deliveries;
  readonly repository: RepositoryName;
  readonly nowMs: number;
}

/** Puts in what a schedule would bring, once in each half hour, whoever looks. */
async function putSweep({ deliveries, repository, nowMs }: Sweeping): Promise<number> {
  // Its id is asked for when it is worked on.
  const payload = { schedule: "", repository: { full_name: repository, id: 0 } };
  const slot = Math.floor(nowMs / sweepEveryMs);
  const guid = `sweep ${repository.toLowerCase()} ${String(slot)}`;
  const text = JSON.stringify(payload);
  const delivery = {
    ...describeDelivery({ guid, event: "schedule", text, payload }),
    isIdle: false,
  };
  return (await deliveries.accept(delivery)) === "accepted" ? 1 : 0;
}
