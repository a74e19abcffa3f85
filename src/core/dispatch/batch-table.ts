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
import { createScopes } from "./scope.ts";
import type { Scopes } from "./scope.ts";
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
  /** How many sessions pick. */
  readonly pickers: number;
}

/** So many tasks more than there are pickers are looked at at once; mostly the others are not asked about. */
const spare = 2;

/** Looks at what lies on some tasks. Leases in the way whose time is over are ended. */
export async function openTable(
  deps: DispatchDeps,
  tx: Transaction,
  { ready, pickers }: Opening,
): Promise<Table> {
  const scopes = createScopes(deps.paths);
  const first = ready.slice(0, pickers + spare);
  const [held, purse] = await together([
    lookAt(deps, tx, { scopes, tasks: first }),
    deps.costs.openPurse(
      tx,
      ready.map(({ plan, id }) => ({ plan, task: id })),
    ),
  ]);
  const left = new Set(ready);
  const served = new Set<SessionId>();
  const way = createWay(deps, {
    held,
    lookFurther: () =>
      lookAt(deps, tx, { scopes, tasks: ready.filter((task) => !first.includes(task)) }),
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

/** What lies on paths, by path; a path that was looked at and is free has an empty list. */
type HeldPaths = ReadonlyMap<string, readonly Refusal[]>;

/** Nobody: every lease is another's. */
const nobody = { session: "s0", ancestors: [] } as const;

async function lookAt(
  deps: DispatchDeps,
  tx: Transaction,
  { scopes, tasks }: { readonly scopes: Scopes; readonly tasks: readonly Candidate[] },
): Promise<HeldPaths> {
  const patterns = new Map(
    tasks.flatMap((task) => scopes.of(task)).map((each) => [patternText(each), each]),
  );
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
    [...patterns.keys()].map((text) => [text, refusals.filter(({ path }) => path === text)]),
  );
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
}

function createWay({ policy }: Pick<DispatchDeps, "policy">, { held, lookFurther }: Known): Way {
  const known = new Map(held);
  const taken: PathPattern[] = [];
  let further: Promise<HeldPaths> | null = null;
  const lookIfNew = async (texts: readonly string[]): Promise<void> => {
    if (texts.every((text) => known.has(text))) {
      return;
    }
    further ??= lookFurther();
    for (const [text, refusals] of await further) {
      known.set(text, refusals);
    }
  };
  return {
    refusalOf: async (session, patterns) => {
      const texts = patterns.map((each) => patternText(each));
      await lookIfNew(texts);
      const [refusal] = texts.flatMap((text) => refusalsFor(session, known.get(text) ?? []));
      return refusal ?? (anyIntersectorOf(taken, policy)(patterns) ? justTaken : null);
    },
    take: (patterns) => {
      taken.push(...patterns);
    },
  };
}

/** A session's own leases refuse it nothing but what waits for integration; where as many are named as ever are, there may be others behind them. */
function refusalsFor(session: SessionId, refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.length < refusalsAPattern
    ? refusals.filter(({ by }) => by === null || by.session !== session || by.origin === "landing")
    : refusals;
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
