import type { DispatchDeps } from "./deps.ts";
import type { NextTaskOutcome, NextTaskRequest, WaitingSummary } from "./request.ts";
import { nothingFound, summarise } from "./summary.ts";

/** Tells whoever waited in vain what the plan waits for at the end of the wait, and not what it waited for at its last try. */
export type Retell = (request: NextTaskRequest, last: NextTaskOutcome) => Promise<NextTaskOutcome>;

/** Those whose waits end while one is counted share what it counts: many who began together end together. */
export function createRetell(deps: DispatchDeps): Retell {
  const counting = new Map<string | null, Promise<WaitingSummary | null>>();
  const counted = async (request: NextTaskRequest): Promise<WaitingSummary | null> => {
    const { plan } = request;
    const shared = counting.get(plan);
    if (shared !== undefined) {
      return shared;
    }
    const own = countAgain(deps, request).finally(() => counting.delete(plan));
    counting.set(plan, own);
    return own;
  };
  return async (request, last) => {
    // A named task has reasons of its own.
    if (last.waiting === null || request.task !== null) {
      return last;
    }
    return { ...last, waiting: (await counted(request)) ?? last.waiting };
  };
}

/** Null where a task is ready: what is in its way only a try finds. */
async function countAgain(
  deps: DispatchDeps,
  request: NextTaskRequest,
): Promise<WaitingSummary | null> {
  const { store, plans } = deps;
  return store.read(async (reader) => {
    const full = await plans.full(reader);
    const without = full.map((each) => each.plan);
    const isOpen = request.plan === null || !without.includes(request.plan);
    const ready = isOpen
      ? await plans.candidates(reader, { plan: request.plan, after: null, limit: 1, without })
      : [];
    return ready.length > 0
      ? null
      : summarise(deps, reader, { request, findings: { ...nothingFound, full } });
  });
}
