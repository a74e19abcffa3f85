import type {
  Effort,
  Meeting,
  PathPattern,
  Refusal,
  ScopeSearch,
  ScopesFound,
} from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import type { Compared } from "./compared-scopes.ts";
import type { DispatchDeps } from "./deps.ts";
import { scopeOf } from "./scope.ts";
import type { Scopes } from "./scope.ts";

/** A lease in the way, none as far as leases go, or nobody knows yet. */
export type Look = Refusal | "clear" | "uncompared";

/** A scope of which a look compared a part. */
export interface Begun {
  readonly task: Candidate;
  /** Of how many of its patterns it is known that nothing is in their way. */
  readonly patternsDone: number;
}

/** Looks at many tasks in one transaction, and compares only so much. What was compared before, here or in another one, is not compared again. */
export interface Looking {
  lookAt(tasks: readonly Candidate[], over: Over): Promise<Looks>;
}

export interface Over {
  readonly scopes: Scopes;
  /** Bounds what is compared, and spends it. */
  readonly effort: Effort;
  /** Where an earlier look stopped. */
  readonly begun: Begun | null;
}

export interface Looks {
  /** In the order of the tasks. */
  readonly looks: readonly Look[];
  readonly begun: Begun | null;
}

export interface Asking {
  readonly id: SessionId;
  readonly ancestors: readonly SessionId[];
}

/** So many patterns are looked up at once. */
const patternsAtOnce = 128;

export function createLooking(deps: DispatchDeps, reader: Reader, asking: Asking): Looking {
  const search = deps.leases.search(reader, asking);
  return {
    lookAt: async (tasks, { scopes, effort, begun }) => {
      const looks = await remembered(deps, search, tasks);
      const open = tasks.filter((task) => !looks.has(task));
      let left = begun;
      for (let at = 0; at < open.length && !effort.isSpent();) {
        const part = partFrom(open, at, scopes);
        const compared = await comparePart(deps, { part, scopes, search, effort, begun: left });
        for (const [task, look] of compared.looks) {
          looks.set(task, look);
        }
        left = compared.begun;
        at += part.length;
      }
      return { looks: tasks.map((task) => looks.get(task) ?? "uncompared"), begun: left };
    },
  };
}

/** What earlier looks say of tasks; of others nothing. */
async function remembered(
  deps: DispatchDeps,
  search: ScopeSearch,
  tasks: readonly Candidate[],
): Promise<Map<Candidate, Look>> {
  const looks = new Map<Candidate, Look>();
  const met: { readonly task: Candidate; readonly meeting: Meeting }[] = [];
  for (const task of tasks) {
    const known = deps.compared.at(task);
    if (known?.kind === "clear") {
      looks.set(task, "clear");
    } else if (known?.kind === "met" && isSameScope(deps, task, known)) {
      met.push({ task, meeting: known.meeting });
    }
  }
  const refusals = await search.still(met.map(({ meeting }) => meeting));
  for (const [at, { task }] of met.entries()) {
    const refusal = refusals[at] ?? null;
    if (refusal !== null) {
      looks.set(task, refusal);
    }
  }
  return looks;
}

interface Part extends Over {
  readonly part: readonly Candidate[];
  readonly search: ScopeSearch;
}

/** Compares some tasks that nothing is known of, and keeps what was found. */
async function comparePart(
  { compared }: DispatchDeps,
  { part, scopes, search, effort, begun }: Part,
): Promise<{ readonly looks: ReadonlyMap<Candidate, Look>; readonly begun: Begun | null }> {
  const [first] = part;
  const done = begun !== null && isSame(begun.task, first) ? begun.patternsDone : 0;
  const { found, patternsDone } = await search.firstInTheWay(
    part.map((task) => (task === first ? scopes.of(task).slice(done) : scopes.of(task))),
    effort,
  );
  const looks = new Map<Candidate, Look>();
  for (const [at, task] of part.slice(0, found.length).entries()) {
    const each = found[at] ?? null;
    compared.note(task, comparedOf(task, { found: each, scope: scopes.of(task) }));
    looks.set(task, each === null ? "clear" : each.refusal);
  }
  const next = part[found.length];
  const before = next === first ? done : 0;
  return {
    looks,
    begun: next === undefined ? null : { task: next, patternsDone: before + patternsDone },
  };
}

function isSame(one: Candidate, other: Candidate | undefined): boolean {
  return one.plan === other?.plan && one.id === other.id && one.version === other.version;
}

/** At least one task, and as many more as have few patterns. */
function partFrom(tasks: readonly Candidate[], from: number, scopes: Scopes): readonly Candidate[] {
  let patterns = 0;
  let to = from;
  while (to < tasks.length && (to === from || patterns < patternsAtOnce)) {
    const task = tasks[to];
    patterns += task === undefined ? 0 : scopes.of(task).length;
    to += 1;
  }
  return tasks.slice(from, to);
}

function comparedOf(
  task: Candidate,
  { found, scope }: { readonly found: ScopesFound["found"][number]; readonly scope: Scope },
): Compared {
  if (found === null) {
    return { kind: "clear" };
  }
  const file = task.files[scope.indexOf(found.meeting.pattern)] ?? "";
  return { kind: "met", meeting: found.meeting, file };
}

type Scope = readonly PathPattern[];

/** What a text means changes with what exists: a name with brackets may be a file by now. */
function isSameScope(
  { paths }: DispatchDeps,
  { plan, id }: Candidate,
  { file, meeting: { pattern } }: Extract<Compared, { readonly kind: "met" }>,
): boolean {
  const [now] = scopeOf(paths, { plan, id, files: [file] });
  return now?.kind === pattern.kind && now.text === pattern.text;
}
