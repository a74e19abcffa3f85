import { createEffort } from "../leases/index.ts";
import type { Effort, PathPattern, Refusal } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { createLooking } from "./looking.ts";
import type { Asking, Look, Looking } from "./looking.ts";
import type { Scopes } from "./scope.ts";

/** What is in the way of a scope; null when all of it is free. */
export type Verdict = Refusal | "uncompared" | null;

/** What is in the way of the scopes of tasks, each looked up once. */
export interface Verdicts {
  /** Says which tasks may be asked about next. */
  readonly expect: (tasks: readonly Candidate[]) => void;
  /** `uncompared` once a transaction has compared as much as one may: the next one knows what this one found. */
  of(task: Candidate, scopes: Scopes): Promise<Verdict>;
}

/** So many scopes are looked up alone: mostly the first is free. Whoever has found these taken looks at the others at once. */
const alone = 2;

/** Of scopes with more paths none is looked up alone. */
const pathsAlone = 16;

export function createVerdicts(deps: DispatchDeps, tx: Transaction, session: Asking): Verdicts {
  const known = new Map<string, Verdict>();
  /** Scopes that no lease is in the way of as far as is known, though a waiter may be. */
  const clear = new Set<string>();
  const effort = createEffort();
  /** Made where it is used: mostly the first scope is free. */
  let looking: Looking | null = null;
  let expected: readonly Candidate[] = [];

  const lookAtAll = async (scopes: Scopes): Promise<void> => {
    const open = new Map(expected.map((task) => [keyOf(task), task] as const));
    const unseen = [...open].filter(([key]) => !known.has(key) && !clear.has(key));
    looking ??= createLooking(deps, tx, session);
    const tasks = unseen.map(([, task]) => task);
    const { looks } = await looking.lookAt(tasks, { scopes, effort, begun: null });
    for (const [at, [key]] of unseen.entries()) {
      noteLook({ known, clear }, key, looks[at] ?? "uncompared");
    }
  };

  const mayAsk = createPatience(effort);

  return {
    expect: (tasks) => {
      expected = tasks;
    },
    of: async (task, scopes) => {
      const key = keyOf(task);
      const isAlone = known.size < alone && task.files.length <= pathsAlone;
      if (!known.has(key) && !clear.has(key) && !isAlone) {
        await lookAtAll(scopes);
      }
      const seen = known.get(key);
      if (seen !== undefined) {
        return seen;
      }
      const patterns = scopes.of(task);
      const [verdict = null] = mayAsk()
        ? await refusalsOf(deps, tx, { session, patterns, effort })
        : uncompared;
      known.set(key, verdict);
      if (isOfLease(verdict)) {
        deps.compared.forget(task);
      }
      return verdict;
    },
  };
}

interface Seen {
  readonly known: Map<string, Verdict>;
  readonly clear: Set<string>;
}

function noteLook({ known, clear }: Seen, key: string, look: Look): void {
  if (look === "clear") {
    clear.add(key);
  } else {
    known.set(key, look);
  }
}

function isOfLease(verdict: Verdict): boolean {
  return verdict !== null && verdict !== "uncompared" && verdict.by !== null;
}

/** Whether to ask exactly, of more than one only while there is effort left: of one in any case, or none would ever be found. */
function createPatience(effort: Effort): () => boolean {
  let hasAsked = false;
  return () => {
    const may = !hasAsked || !effort.isSpent();
    hasAsked = true;
    return may;
  };
}

const uncompared: readonly Verdict[] = ["uncompared"];

function keyOf(task: Candidate): string {
  return task.files.join("\n");
}

interface Asked {
  readonly session: Asking;
  readonly patterns: readonly PathPattern[];
  /** Spends what it compares, if given. */
  readonly effort?: Effort | undefined;
}

/** The first refusal of a task's scope for a session, or null when all of it is free. */
export async function firstRefusal(
  deps: DispatchDeps,
  tx: Transaction,
  asked: Asked,
): Promise<Refusal | null> {
  const [first = null] = await refusalsOf(deps, tx, asked);
  return first;
}

function refusalsOf(
  { leases }: DispatchDeps,
  tx: Transaction,
  { session, patterns, effort }: Asked,
): Promise<readonly Refusal[]> {
  if (patterns.length === 0) {
    return noRefusals;
  }
  return leases.conflicts(tx, {
    session: session.id,
    ancestors: session.ancestors,
    patterns,
    mode: "exclusive",
    landing: "all",
    enough: 1,
    effort,
  });
}

const noRefusals: Promise<readonly never[]> = Promise.resolve([]);
