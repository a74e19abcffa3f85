import type { SessionId } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Covering } from "../costs/index.ts";
import { anyIntersectorOf, patternText, refusalsAPattern } from "../leases/index.ts";
import type { PathPattern, Refusal } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { PickedTask } from "./picked-task.ts";
import { estimateOf } from "./reserve.ts";
import type { Scopes } from "./scope.ts";
import { firstRefusal } from "./verdicts.ts";
import type { Verdicts } from "./verdicts.ts";

/** Ready tasks from which several sessions pick, one after the other: what is in their way and what covers them is looked at once for all. */
export interface Table {
  /** What a pick is made with: money as it is with all that was taken before. */
  readonly deps: DispatchDeps;
  /** What is in a session's way, with all that was taken before. */
  verdictsFor(session: SessionId): Verdicts;
  left(): readonly Candidate[];
  /** Takes a task from the table: its paths and its money are gone for whoever picks next. */
  take(session: SessionId, pick: PickedTask): Taken;
  /** True for a session that has taken a task. */
  readonly isServed: (session: SessionId) => boolean;
}

/** Money for a task that was taken. */
export interface Taken {
  readonly covering: Covering;
  readonly microUsd: number;
}

interface Opening {
  readonly ready: readonly Candidate[];
  /** What they name, as the first reads it. */
  readonly scopes: Scopes;
  /** How many sessions pick. */
  readonly pickers: number;
}

/** So many tasks more than there are pickers are looked at at once; mostly the others are not asked about. */
const spare = 2;

/** Looks at what lies on some tasks. Leases in the way whose time is over are ended. */
export async function openTable(
  deps: DispatchDeps,
  tx: Transaction,
  { ready, scopes, pickers }: Opening,
): Promise<Table> {
  const lookAtAll = (tasks: readonly Candidate[]): Promise<HeldPaths> =>
    lookAt(
      deps,
      tx,
      tasks.flatMap((task) => scopes.of(task)),
    );
  const at = pickers + spare;
  const [held, purse] = await together([
    lookAtAll(ready.slice(0, at)),
    deps.costs.openPurse(
      tx,
      ready.map(({ plan, id }) => ({ plan, task: id })),
    ),
  ]);
  const left = new Set(ready);
  const served = new Set<SessionId>();
  const way = createWay(deps, {
    held,
    lookFurther: () => lookAtAll(ready.slice(at)),
    ask: (session, patterns) =>
      firstRefusal(deps, tx, { session: { id: session, ancestors: [] }, patterns }),
  });
  return {
    deps: {
      ...deps,
      costs: { ...deps.costs, covering: (_, task) => Promise.resolve(purse.covering(task)) },
    },
    verdictsFor: (session) => ({
      expect: () => {},
      of: (task, scopesOf) => way.refusalOf(session, scopesOf.of(task)),
    }),
    left: () => [...left],
    isServed: (session) => served.has(session),
    take: (session, { task, patterns }) => {
      left.delete(task);
      served.add(session);
      way.take(patterns);
      const covering = purse.covering({ plan: task.plan, task: task.id });
      const microUsd = estimateOf(deps.costs, task);
      purse.take(covering, microUsd);
      return { covering, microUsd };
    },
  };
}

/** What lies on paths, by path and kind; a path that was looked at and is free has an empty list. */
type HeldPaths = ReadonlyMap<string, readonly Refusal[]>;

/** Nobody: every lease is another's. */
const nobody = { session: "s0", ancestors: [] } as const;

async function lookAt(
  deps: DispatchDeps,
  tx: Transaction,
  all: readonly PathPattern[],
): Promise<HeldPaths> {
  const patterns = new Map(all.map((each) => [keyOf(each), each]));
  if (patterns.size === 0) {
    return new Map();
  }
  const refusals = await deps.leases.conflicts(tx, {
    ...nobody,
    patterns: [...patterns.values()],
    mode: "exclusive",
    landing: "all",
  });
  return new Map(
    [...patterns].map(([key, each]) => {
      const text = patternText(each);
      return [key, refusals.filter(({ path }) => path === text)];
    }),
  );
}

/** A file may bear the name that is a glob elsewhere. */
function keyOf({ kind, text }: PathPattern): string {
  return `${kind} ${text}`;
}

/** What is in the way of each picker. */
interface Way {
  refusalOf(session: SessionId, patterns: readonly PathPattern[]): Promise<Refusal | null>;
  take(patterns: readonly PathPattern[]): void;
}

interface Known {
  readonly held: HeldPaths;
  /** Looks at all paths that were not looked at. */
  readonly lookFurther: () => Promise<HeldPaths>;
  /** Asks what is in the way of one session alone. */
  readonly ask: (session: SessionId, patterns: readonly PathPattern[]) => Promise<Refusal | null>;
}

function createWay(
  { policy }: Pick<DispatchDeps, "policy">,
  { held, lookFurther, ask }: Known,
): Way {
  const known = new Map(held);
  const taken: PathPattern[] = [];
  let further: Promise<HeldPaths> | null = null;
  const lookIfNew = async (patterns: readonly PathPattern[]): Promise<void> => {
    if (patterns.every((each) => known.has(keyOf(each)))) {
      return;
    }
    further ??= lookFurther();
    for (const [key, refusals] of await further) {
      known.set(key, refusals);
    }
  };
  /** Whoever works in another worktree may read a path otherwise, and behind as many leases as are named there may be others. */
  const isUnsure = (pattern: PathPattern): boolean =>
    (known.get(keyOf(pattern))?.length ?? refusalsAPattern) >= refusalsAPattern;
  return {
    refusalOf: async (session, patterns) => {
      await lookIfNew(patterns);
      const [refusal] = patterns.flatMap((each) =>
        refusalsFor(session, known.get(keyOf(each)) ?? []),
      );
      if (refusal !== undefined || anyIntersectorOf(taken, policy)(patterns)) {
        return refusal ?? justTaken;
      }
      return ask(session, patterns.filter(isUnsure));
    },
    take: (patterns) => {
      taken.push(...patterns);
    },
  };
}

/** A session's own leases refuse it nothing but what waits for integration. */
function refusalsFor(session: SessionId, refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.filter(
    ({ by }) => by === null || by.session !== session || by.origin === "landing",
  );
}

/** Stands for a lease that is about to be granted; nobody is told of it. */
const justTaken: Refusal = {
  path: "",
  by: null,
  holder: nobody.session,
  holderName: nobody.session,
  untilMs: null,
  reason: "",
};
