import { AsyncLocalStorage } from "node:async_hooks";
import { handlesQuery } from "../sessions/index.ts";
import type { Query, Transaction } from "../store/index.ts";
import { giveToAll } from "./batch.ts";
import type { Asking, BatchAnswer } from "./batch.ts";
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
  /** True while a write was asked for that has not begun: it takes whoever waits when it does. */
  isCalled: boolean;
}

/** How many are answered together at most: others want to write, too. */
const mostTogether = 32;

export function createBatching(deps: DispatchDeps, recovering: Recovering): Batching {
  const lines = new Map<string | null, Line>();
  const alone: Alone = (request) =>
    recovering.write((tx) => tryNext(deps, tx, request), firstOf(deps, request.caller));
  const lineOf = (plan: string | null): Line => {
    const line = lines.get(plan) ?? { plan, waiting: [], isCalled: false };
    lines.set(plan, line);
    return line;
  };
  const call = (line: Line): void => {
    line.isCalled = true;
    void serve({ deps, recovering, alone }, () => {
      const taken = line.waiting.splice(0, mostTogether);
      line.isCalled = false;
      const [next] = line.waiting;
      if (next === undefined) {
        lines.delete(line.plan);
      } else {
        next.within(() => {
          call(line);
        });
      }
      return taken;
    });
  };
  return {
    next: async (request) => {
      const { handle } = request.caller;
      const { queued, limit } = deps.store.load();
      // A store at hand has begun a write before another could come.
      const isAtHand = deps.store.dialect === "sqlite" && queued === 0;
      const isFull = queued + (lines.get(request.plan)?.waiting.length ?? 0) >= limit;
      if (handle === null || request.task !== null || isAtHand || isFull) {
        return alone(request);
      }
      const line = lineOf(request.plan);
      return new Promise((resolve, reject) => {
        const within = AsyncLocalStorage.snapshot();
        line.waiting.push({ request, handle, origin: deps.caller(), within, resolve, reject });
        if (!line.isCalled) {
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
async function serve(serving: Serving, take: () => readonly Entry[]): Promise<void> {
  const { deps, recovering } = serving;
  let taken: readonly Entry[] | null = null;
  const entries = (): readonly Entry[] => (taken ??= take());
  let failure: unknown = null;
  const work = async (tx: Transaction): Promise<ReadonlyMap<Asking, BatchAnswer>> => {
    try {
      return await answersTo(deps, tx, entries());
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  try {
    const answers = await recovering.write(work, () => firstQuery(deps, entries()));
    for (const entry of entries()) {
      settle(serving, entry, answers.get(entry) ?? aloneAnswer);
    }
  } catch (error) {
    // What one of them led to is not told the others.
    const isOfOne = error === failure && entries().length > 1;
    for (const entry of entries()) {
      if (isOfOne) {
        settle(serving, entry, aloneAnswer);
      } else {
        entry.reject(error);
      }
    }
  }
}

const aloneAnswer: BatchAnswer = { kind: "alone", isCounted: false };

function firstQuery({ store }: DispatchDeps, entries: readonly Entry[]): Query | null {
  const [only] = entries;
  if (only === undefined) {
    return null;
  }
  return entries.length === 1
    ? firstOf({ store }, only.request.caller)()
    : handlesQuery(
        store.project,
        entries.map(({ handle }) => handle),
      );
}

async function answersTo(
  deps: DispatchDeps,
  tx: Transaction,
  entries: readonly Entry[],
): Promise<ReadonlyMap<Asking, BatchAnswer>> {
  const [only] = entries;
  if (only === undefined || entries.length > 1) {
    return giveToAll(deps, tx, entries);
  }
  const outcome = await tryNext(deps, tx, only.request);
  return new Map([[only, { kind: "given", outcome }]]);
}

function settle({ alone }: Serving, entry: Entry, answer: BatchAnswer): void {
  const { request, resolve, reject } = entry;
  switch (answer.kind) {
    case "given":
      resolve(answer.outcome);
      return;
    case "refused":
      reject(answer.error);
      return;
    case "alone":
      entry.within(() => {
        const { isCounted } = answer;
        alone({ ...request, caller: { ...request.caller, isCounted } }).then(resolve, reject);
      });
      return;
    default:
      answer satisfies never;
  }
}
