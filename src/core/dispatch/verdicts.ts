import { patternText } from "../leases/index.ts";
import type { PathPattern, Refusal } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { SessionId } from "../base/ids.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { Scopes } from "./scope.ts";

/** What is in the way of the scopes of tasks, each looked up once. */
export interface Verdicts {
  /** Says which tasks may be asked about next. */
  readonly expect: (tasks: readonly Candidate[]) => void;
  /** What is in the way of a task's scope, or null when all of it is free. */
  of(task: Candidate, scopes: Scopes): Promise<Refusal | null>;
}

/** So many scopes are looked up alone: mostly the first is free. Whoever has found these taken looks at the others at once. */
const alone = 2;

export function createVerdicts(deps: DispatchDeps, tx: Transaction, session: Asking): Verdicts {
  const known = new Map<string, Refusal | null>();
  /** Scopes that no lease is in the way of, though a waiter may be. */
  const unheld = new Set<string>();
  let expected: readonly Candidate[] = [];

  const lookAtAll = async (scopes: Scopes): Promise<void> => {
    const open = new Map(expected.map((task) => [keyOf(task), scopes.of(task)] as const));
    const asked = [...open].filter(([key]) => !known.has(key) && !unheld.has(key));
    const refusals = await allRefusals(deps, tx, {
      session,
      patterns: asked.flatMap(([, all]) => all),
    });
    const hasWaiters = refusals.some(({ by }) => by === null);
    for (const [key, patterns] of asked) {
      const found = ofScope(refusals, patterns);
      if (found !== null || !hasWaiters) {
        known.set(key, found);
      } else {
        unheld.add(key);
      }
    }
  };

  return {
    expect: (tasks) => {
      expected = tasks;
    },
    of: async (task, scopes) => {
      const key = keyOf(task);
      if (!known.has(key) && !unheld.has(key) && known.size >= alone) {
        await lookAtAll(scopes);
      }
      if (!known.has(key)) {
        const patterns = scopes.of(task);
        known.set(key, await firstRefusal(deps, tx, { session, patterns }));
      }
      return known.get(key) ?? null;
    },
  };
}

function keyOf(task: Candidate): string {
  return task.files.join("\n");
}

/** Who waits is named once, for one of the paths that were asked for: it says nothing of the others. */
function ofScope(refusals: readonly Refusal[], patterns: readonly PathPattern[]): Refusal | null {
  const texts = new Set(patterns.map((pattern) => patternText(pattern)));
  return refusals.find(({ path, by }) => by !== null && texts.has(path)) ?? null;
}

interface Asked {
  readonly session: Asking;
  readonly patterns: readonly PathPattern[];
}

/** The first refusal of a task's scope for a session, or null when all of it is free. */
export async function firstRefusal(
  deps: DispatchDeps,
  tx: Transaction,
  { session, patterns }: Asked,
): Promise<Refusal | null> {
  const refusals = await refusalsOf(deps, tx, { session, patterns, enough: 1 });
  return refusals[0] ?? null;
}

async function allRefusals(
  deps: DispatchDeps,
  tx: Transaction,
  { session, patterns }: Asked,
): Promise<readonly Refusal[]> {
  const each = new Map(patterns.map((pattern) => [patternText(pattern), pattern]));
  return refusalsOf(deps, tx, { session, patterns: [...each.values()] });
}

async function refusalsOf(
  { leases }: DispatchDeps,
  tx: Transaction,
  { session, patterns, enough }: Asked & { readonly enough?: number },
): Promise<readonly Refusal[]> {
  if (patterns.length === 0) {
    return [];
  }
  return leases.conflicts(tx, {
    session: session.id,
    ancestors: session.ancestors,
    patterns,
    mode: "exclusive",
    landing: "all",
    enough,
  });
}

interface Asking {
  readonly id: SessionId;
  readonly ancestors: readonly SessionId[];
}
