import { together } from "../base/together.ts";
import type { Reader } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { NextTaskOutcome, NextTaskRequest, Standing } from "./request.ts";

/** One who waits for work, after a first try that gave nothing. */
export interface Waiter {
  readonly request: NextTaskRequest;
  readonly standing: Standing;
}

/**
 * Those of one process who wait for work. A change of the log wakes all of them, and mostly brings work for one: they try one after the other,
 * and whoever would find what the one before found is spared the try. What is spared here is tried again at the next change, or after a second.
 */
export interface WaitingLine {
  /** Tries again where that may give something; null where it cannot. */
  tryAgain(
    waiter: Waiter,
    attempt: () => Promise<NextTaskOutcome>,
  ): Promise<NextTaskOutcome | null>;
}

/** So long one waits for a turn, in milliseconds, since those before may hang. */
const turnMs = 1_000;

export function createWaitingLine(deps: DispatchDeps): WaitingLine {
  const { timer, store, nothing } = deps;
  let last: Promise<unknown> = Promise.resolve();

  const isSpared = (look: Look, { plan, task }: NextTaskRequest): boolean =>
    task === null && look.isLikeOthers && nothing.since(plan, look.seq);

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = last;
    const mine = (async () => {
      const called = new AbortController();
      await Promise.race([before, timer.sleep(turnMs, called.signal)]);
      called.abort();
      return work();
    })();
    last = mine.catch(() => undefined);
    return mine;
  };

  return {
    tryAgain: async ({ request, standing }, attempt) => {
      const look = await store.read((reader) => lookFor(deps, reader, { request, standing }));
      if (!look.mayGive || isSpared(look, request)) {
        return null;
      }
      return inTurn(async () => (isSpared(look, request) ? null : attempt()));
    },
  };
}

/** A look without a write, so that many who wait do not all ask for the lock at every event. */
interface Look {
  readonly mayGive: boolean;
  /** False for a session that others cannot speak for: it has messages, holds paths, or shares those of an ancestor. */
  readonly isLikeOthers: boolean;
  /** Where the log ends. */
  readonly seq: number;
}

async function lookFor(
  { plans, messages, leases, events }: DispatchDeps,
  reader: Reader,
  { request: { plan, caller }, standing: { session } }: Waiter,
): Promise<Look> {
  const without = (await plans.full(reader)).map((full) => full.plan);
  const isOpen = plan === null || !without.includes(plan);
  const [ready, unread, held, head] = await together([
    isOpen
      ? plans.candidates(reader, { plan, after: null, limit: 1, without })
      : Promise.resolve([]),
    messages.unread(reader, session),
    leases.list(reader, { session: session.id }),
    events.head(reader),
    caller.ensureAdmitted?.(reader) ?? Promise.resolve(),
  ]);
  return {
    mayGive: ready.length > 0 || unread > 0,
    isLikeOthers: unread === 0 && held.length === 0 && session.ancestors.length === 0,
    seq: head.seq,
  };
}
