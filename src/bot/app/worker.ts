import type { Timer } from "../../core/base/timer.ts";
import type { ClaimedDelivery, Deliveries, DeliveryEnd } from "../../core/hosting/index.ts";
import { endOf, maxAttempts } from "./ends.ts";

export interface WorkerOptions {
  readonly deliveries: Deliveries;
  /** Works on one delivery and says in one line what came of it. */
  readonly work: (delivery: ClaimedDelivery, signal: AbortSignal) => Promise<string>;
  readonly timer: Timer;
  /** Deliveries at once, each of another lane. */
  readonly atOnce: number;
  /** After this a delivery of a worker that is gone comes back, in milliseconds. */
  readonly leaseMs: number;
  /** How long work may go on after the worker is told to stop, in milliseconds. */
  readonly graceMs: number;
  readonly onEnd: (delivery: ClaimedDelivery, end: DeliveryEnd, error: unknown) => void;
  /** Told of what went wrong with the queue itself. */
  readonly onFault: (error: unknown) => void;
}

export interface Worker {
  /** Works until the signal aborts; resolves when nothing is in its hands any more. */
  run(signal: AbortSignal): Promise<void>;
  /** Says that something may be due. */
  readonly wake: () => void;
}

/** The longest sleep between two looks at the queue, in milliseconds: another process may have put something in. */
const longestMs = 30_000;
const afterFaultMs = 1_000;

export function createWorker(options: WorkerOptions): Worker {
  let bell = new AbortController();
  const wake = (): void => {
    bell.abort();
    bell = new AbortController();
  };
  const step = async (signal: AbortSignal, hard: AbortSignal): Promise<void> => {
    // Heard from before the look on, so that no ring is missed.
    const heard = AbortSignal.any([bell.signal, signal]);
    const delivery = await options.deliveries.claim(options.leaseMs);
    if (delivery === null) {
      const dueInMs = (await options.deliveries.dueInMs()) ?? longestMs;
      await options.timer.sleep(Math.min(Math.max(dueInMs, 10), longestMs), heard);
      return;
    }
    await handle(delivery, options, hard);
    // What waited behind it in its lane is free now.
    wake();
  };
  return {
    wake,
    run: async (signal) => {
      const hard = new AbortController();
      const ended = new AbortController();
      const grace = stopLate({ signal, hard, ended: ended.signal }, options);
      const loops = Array.from({ length: options.atOnce }, async () => {
        while (!signal.aborted) {
          await step(signal, hard.signal).catch(async (error: unknown) => {
            options.onFault(error);
            await options.timer.sleep(afterFaultMs, signal);
          });
        }
      });
      await Promise.all(loops);
      ended.abort();
      await grace;
    },
  };
}

interface Stopping {
  readonly signal: AbortSignal;
  readonly hard: AbortController;
  readonly ended: AbortSignal;
}

async function stopLate(
  { signal, hard, ended }: Stopping,
  { timer, graceMs }: WorkerOptions,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const either = AbortSignal.any([signal, ended]);
    if (either.aborted) {
      resolve();
    }
    either.addEventListener("abort", () => {
      resolve();
    });
  });
  await timer.sleep(graceMs, ended);
  hard.abort(new Error("The worker is stopping."));
}

async function handle(
  delivery: ClaimedDelivery,
  options: WorkerOptions,
  hard: AbortSignal,
): Promise<void> {
  const lost = new AbortController();
  const done = new AbortController();
  const keeping = keepLease(delivery, { options, lost, done: done.signal });
  let failure: unknown = null;
  const end = await attempt(delivery, options, AbortSignal.any([hard, lost.signal])).catch(
    (error: unknown): DeliveryEnd => {
      failure = error;
      return endOf(error, { attempt: delivery.attempt, isStopped: hard.aborted });
    },
  );
  done.abort();
  await keeping;
  if (await options.deliveries.end(delivery, end)) {
    options.onEnd(delivery, end, failure);
  }
}

async function attempt(
  delivery: ClaimedDelivery,
  { work }: WorkerOptions,
  signal: AbortSignal,
): Promise<DeliveryEnd> {
  if (delivery.attempt > maxAttempts) {
    // Every worker that had it ended with it.
    return { kind: "dead", note: "lost" };
  }
  return { kind: "done", note: await work(delivery, signal) };
}

interface Keeping {
  readonly options: WorkerOptions;
  readonly lost: AbortController;
  readonly done: AbortSignal;
}

async function keepLease(
  delivery: ClaimedDelivery,
  { options: { deliveries, leaseMs, timer, onFault }, lost, done }: Keeping,
): Promise<void> {
  for (;;) {
    await timer.sleep(leaseMs / 3, done);
    if (done.aborted) {
      return;
    }
    try {
      if (!(await deliveries.renew(delivery, leaseMs))) {
        lost.abort(new Error("Another worker has the delivery."));
        return;
      }
    } catch (error) {
      // The lease has two thirds left; the next turn tries again.
      onFault(error);
    }
  }
}
