import { AsyncLocalStorage } from "node:async_hooks";
import { SkeinError } from "../base/errors.ts";
import { storeErrors } from "../store/index.ts";
import type { Query, Transaction } from "../store/index.ts";
import { askersOf, giveToAll } from "./batch.ts";
import type { Asked, Asking, BatchAnswer } from "./batch.ts";
import { batchQueries } from "./batch-look.ts";
import type { DispatchDeps } from "./deps.ts";
import { firstOf } from "./identify.ts";
import { tryNext } from "./next.ts";
import type { Recovering } from "./recover.ts";
import type { NextTaskOutcome, NextTaskRequest } from "./request.ts";

/** Answers requests for work; those of one process that wait for the store at the same time are answered together. */
export interface Batching {
  next(request: NextTaskRequest): Promise<NextTaskOutcome>;
}

/** One who waits. */
interface Entry extends Asking {
  resolve(this: void, outcome: NextTaskOutcome): void;
  reject(this: void, error: unknown): void;
}

/** Those who ask for the same. */
interface Line {
  readonly plan: string | null;
  readonly waiting: Entry[];
  /** How many writes were asked for that have not begun: each takes whoever has waited longest when it does. */
  called: number;
}

/** How many are answered together at most: others want to write, too. */
const mostTogether = 32;

export function createBatching(deps: DispatchDeps, recovering: Recovering): Batching {
  const lines = new Map<string | null, Line>();
  /** How many wait in all lines. */
  let waiting = 0;
  const alone: Alone = (request) =>
    recovering.write((tx) => tryNext(deps, tx, request), firstOf(deps, request.caller));
  const lineOf = (plan: string | null): Line => {
    const line = lines.get(plan) ?? { plan, waiting: [], called: 0 };
    lines.set(plan, line);
    return line;
  };
  const call = (line: Line): void => {
    line.called += 1;
    void serve({ deps, recovering, alone }, () => {
      const taken = line.waiting.splice(0, mostTogether);
      line.called -= 1;
      waiting -= taken.length;
      if (line.waiting.length === 0) {
        lines.delete(line.plan);
      }
      return taken;
    });
  };
  return {
    next: (request) => {
      const { handle } = request.caller;
      const { queued, limit } = deps.store.load();
      // A store at hand has begun a write before another could come.
      const isAtHand = deps.store.dialect === "sqlite" && queued === 0;
      const isFull = queued + waiting >= limit;
      if (handle === null || request.task !== null || isAtHand || isFull) {
        return alone(request);
      }
      const line = lineOf(request.plan);
      return new Promise((resolve, reject) => {
        const within = AsyncLocalStorage.snapshot();
        line.waiting.push({ request, handle, origin: deps.caller(), within, resolve, reject });
        waiting += 1;
        // Nobody waits for a write that is asked for when another begins: each has a place among the writers from when it came.
        if (line.waiting.length > line.called * mostTogether) {
          call(line);
        }
      });
    },
  };
}

type Alone = (request: NextTaskRequest) => Promise<NextTaskOutcome>;

interface Serving {
  readonly deps: DispatchDeps;
  readonly recovering: Recovering;
  readonly alone: Alone;
}

/** Answers whoever `take` gives, which is asked when the write begins. */
async function serve(
  { deps, recovering, alone }: Serving,
  take: () => readonly Entry[],
): Promise<void> {
  let taken: readonly Entry[] | null = null;
  const entries = (): readonly Entry[] => (taken ??= take());
  const counted = new Set<Asking>();
  const byItself = (entry: Entry): void => {
    const { request, resolve, reject } = entry;
    const caller = { ...request.caller, isCounted: counted.has(entry) };
    entry.within(() => {
      alone({ ...request, caller }).then(resolve, reject);
    });
  };
  let failure: unknown = null;
  const work = async (tx: Transaction): Promise<ReadonlyMap<Asking, BatchAnswer>> => {
    try {
      return await answersTo(deps, tx, { all: entries(), counted });
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  try {
    const answers = await recovering.write(work, () => firstQueries(deps, entries()));
    for (const entry of entries()) {
      settle(entry, answers.get(entry) ?? { kind: "alone" }, byItself);
    }
  } catch (error) {
    // What one of them led to is not told the others.
    const isShared = entries().length > 1 && (error === failure || isOfOne(error));
    for (const entry of entries()) {
      if (isShared) {
        byItself(entry);
      } else {
        entry.reject(error);
      }
    }
  }
}

/** True for a failure that a statement of one may have caused, though the commit told it; the others are those of the store or the way to it. */
function isOfOne(error: unknown): boolean {
  return !(error instanceof SkeinError) || error.code === storeErrors.slow.code;
}

function firstQueries({ store }: DispatchDeps, entries: readonly Entry[]): readonly Query[] {
  const [only, ...others] = entries;
  return others.length > 0
    ? batchQueries(store.project, askersOf(entries))
    : firstOf({ store }, only?.request.caller)();
}

async function answersTo(
  deps: DispatchDeps,
  tx: Transaction,
  asked: Asked,
): Promise<ReadonlyMap<Asking, BatchAnswer>> {
  const [only, ...others] = asked.all;
  if (only === undefined || others.length > 0) {
    return giveToAll(deps, tx, asked);
  }
  const outcome = await tryNext(deps, tx, only.request);
  return new Map([[only, { kind: "given", outcome }]]);
}

function settle(entry: Entry, answer: BatchAnswer, byItself: (entry: Entry) => void): void {
  switch (answer.kind) {
    case "given":
      entry.resolve(answer.outcome);
      return;
    case "refused":
      entry.reject(answer.error);
      return;
    case "alone":
      byItself(entry);
      return;
    default:
      answer satisfies never;
  }
}
