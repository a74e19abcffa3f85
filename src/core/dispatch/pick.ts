import { together } from "../base/together.ts";
import { decideReserve } from "../costs/index.ts";
import type { Covering, ReserveOutcome } from "../costs/index.ts";
import { anyIntersectorOf } from "../leases/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Candidate, CandidateCursor, FullPlan } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { compareFits, countSkills } from "./affinity.ts";
import type { Fit } from "./affinity.ts";
import type { DispatchDeps } from "./deps.ts";
import { pickInOrder } from "./pick-in-order.ts";
import type { PickOutcome, PickedTask } from "./picked-task.ts";
import { estimateOf, reserveCovered } from "./reserve.ts";
import { SchedulerFault, choosing, degradedText } from "./scheduler-fault.ts";
import { createSieve } from "./sieve.ts";
import type { Sieve, SieveFor } from "./sieve.ts";
import type { Findings } from "./summary.ts";

/** Who wants a task, of one plan or of any. */
interface Wanted {
  readonly session: Session;
  readonly plan: string | null;
  /** Plans of which no further task may be claimed now. */
  readonly full: readonly FullPlan[];
  /** The first ready tasks, whatever plans are full. */
  readonly ready: readonly Candidate[];
  /** False: the session never had a path. */
  readonly hasTouched: boolean;
}

/** The first page is small, since mostly the first candidate is free; each page after it is larger, since whoever finds much taken looks at much. */
export const firstPage = 8;
const growth = 8;
const largestPage = 512;

/** The ready tasks that a choice looks at first. */
export function readyTasks(
  { plans }: DispatchDeps,
  tx: Transaction,
  { plan }: { readonly plan: string | null },
): Promise<readonly Candidate[]> {
  return plans.candidates(tx, { plan, after: null, limit: firstPage });
}

/**
 * Picks the best ready task whose paths are free for a session: by the score of E7, equal scores by file context, then skills, then age.
 * A task whose skills an idle session has and this one lacks is left to that session. Where choosing fails by a fault, tasks are handed out one
 * at a time in the order of their plan.
 */
export async function pickTask(
  deps: DispatchDeps,
  tx: Transaction,
  request: Wanted,
): Promise<PickOutcome> {
  try {
    return await pickBest(deps, tx, request);
  } catch (error) {
    if (error instanceof SchedulerFault && deps.mayDegrade) {
      return pickInOrder(deps, tx, { ...request, degraded: degradedText(error) });
    }
    throw error;
  }
}

async function pickBest(
  deps: DispatchDeps,
  tx: Transaction,
  { session, plan, full, ready, hasTouched }: Wanted,
): Promise<PickOutcome> {
  const sieve = createSieve(deps, tx, { session });
  const without = full.map((each) => each.plan);
  if (plan !== null && without.includes(plan)) {
    return { pick: null, findings: findingsOf(sieve, full) };
  }
  const touched = hasTouched ? touchedBy(deps, tx, session) : null;
  let after: CandidateCursor | null = null;
  for (let limit = firstPage; ; limit = Math.min(limit * growth, largestPage)) {
    const isRead: boolean = after === null && without.length === 0;
    const page: readonly Candidate[] = isRead
      ? ready
      : await deps.plans.candidates(tx, { plan, after, limit, without });
    const pick = await pickOf(deps, tx, { session, page, sieve, touched });
    after = page.at(-1) ?? after;
    if (pick !== null) {
      return { pick };
    }
    if (page.length < limit) {
      return { pick: null, findings: findingsOf(sieve, full) };
    }
  }
}

function findingsOf(sieve: Sieve, full: readonly FullPlan[]): Findings {
  return { ...sieve.findings(), full, degraded: null, reasons: [] };
}

interface PickingFrom extends SieveFor, Pick<Search, "page">, Pick<Wanted, "hasTouched"> {}

/** The same from some ready tasks alone; null when none of them is free. @throws {SchedulerFault} */
export async function pickFrom(
  deps: DispatchDeps,
  tx: Transaction,
  { page, hasTouched, ...asking }: PickingFrom,
): Promise<PickedTask | null> {
  const { session } = asking;
  const sieve = createSieve(deps, tx, asking);
  const touched = hasTouched ? touchedBy(deps, tx, session) : null;
  return pickOf(deps, tx, { session, page, sieve, touched });
}

interface Search {
  readonly session: Session;
  readonly page: readonly Candidate[];
  readonly sieve: Sieve;
  /** The paths that the session held last; null when it never held one. */
  readonly touched: (() => Promise<readonly PathPattern[]>) | null;
}

async function pickOf(
  deps: DispatchDeps,
  tx: Transaction,
  search: Search,
): Promise<PickedTask | null> {
  search.sieve.expect(search.page);
  for (const index of search.page.keys()) {
    const { task, equals, isFree, touched, covering } = await lookAt(deps, tx, { search, index });
    if (isFree) {
      const isChoice = touched.length > 0 || search.session.skills.length > 0;
      const best =
        isChoice && equals.length > 0
          ? await bestOfEquals(deps, { ...search, first: task, equals, touched })
          : task;
      const pick =
        best === task && covering !== null
          ? affordable(deps, tx, { ...search, task, covering })
          : await firstAffordable(deps, tx, {
              ...search,
              tasks: new Map([[best, best === task ? covering : null]]).set(task, covering),
            });
      if (pick !== null) {
        return pick;
      }
    }
  }
  return null;
}

/** A task in its turn, and what the choice goes by. */
interface Looked {
  readonly task: Candidate;
  readonly equals: readonly Candidate[];
  readonly isFree: boolean;
  /** Empty where there is nothing to choose. */
  readonly touched: readonly PathPattern[];
  /** Null where it was not looked at. */
  readonly covering: Covering | null;
}

/** What the choice among equals will ask is asked beside what the first of them needs, and so is what covers the first of all, which mostly is taken. */
async function lookAt(
  { costs }: DispatchDeps,
  tx: Transaction,
  { search, index }: { readonly search: Search; readonly index: number },
): Promise<Looked> {
  const { page, sieve } = search;
  const task = page[index];
  if (task === undefined) {
    throw new RangeError(`A page of ${String(page.length)} tasks has none at ${String(index)}.`);
  }
  const isChoice = search.touched !== null || search.session.skills.length > 0;
  const equals = isChoice ? equalsOf(page, index) : [];
  const [isFree, touched, covering] = await together([
    sieve.isFree(task),
    equals.length === 0 || search.touched === null ? nothingTouched : search.touched(),
    index === 0 ? costs.covering(tx, { plan: task.plan, task: task.id }) : notLooked,
  ]);
  return { task, equals, isFree, touched, covering };
}

const nothingTouched: Promise<readonly PathPattern[]> = Promise.resolve([]);

const notLooked: Promise<null> = Promise.resolve(null);

interface Affording extends Search {
  /** In their order, with what covers each, where it was looked at. */
  readonly tasks: ReadonlyMap<Candidate, Covering | null>;
}

/** The first of some free tasks that the budgets allow; those that they do not are noted. */
async function firstAffordable(
  deps: DispatchDeps,
  tx: Transaction,
  { tasks, ...search }: Affording,
): Promise<PickedTask | null> {
  for (const [task, known] of tasks) {
    const { plan, id } = task;
    const covering = known ?? (await deps.costs.covering(tx, { plan, task: id }));
    const pick = affordable(deps, tx, { ...search, task, covering });
    if (pick !== null) {
      return pick;
    }
  }
  return null;
}

interface Covered extends Search {
  readonly task: Candidate;
  readonly covering: Covering;
}

/** A free task, if what covers it allows it. */
function affordable(
  deps: DispatchDeps,
  tx: Transaction,
  { session, sieve, task, covering }: Covered,
): PickedTask | null {
  const refusing = decideReserve(covering.budgets, estimateOf(deps.costs, task));
  if (refusing !== null) {
    sieve.refuse(task, refusing);
    return null;
  }
  const reserve = (fence: number): Promise<ReserveOutcome> =>
    reserveCovered(deps, tx, { session, task, covering, fence });
  return { task, patterns: sieve.scopeOf(task), reserve, degraded: null };
}

/** How many of a session's latest leases count as its file context. */
const touchedLimit = 8;

function touchedBy(
  { leases }: DispatchDeps,
  tx: Transaction,
  session: Session,
): () => Promise<readonly PathPattern[]> {
  let asked: Promise<readonly PathPattern[]> | null = null;
  return async () => {
    asked ??= leases.touchedBy(tx, session.id, touchedLimit);
    return asked;
  };
}

/** Those of a page that come after a task and have its score. */
function equalsOf(page: readonly Candidate[], index: number): readonly Candidate[] {
  const score = page[index]?.scoreTenths;
  return page.slice(index + 1).filter(({ scoreTenths }) => scoreTenths === score);
}

interface Equals extends Omit<Search, "touched"> {
  readonly first: Candidate;
  readonly equals: readonly Candidate[];
  readonly touched: readonly PathPattern[];
}

/** Among free tasks of the same score, the one that suits the session best; the oldest when none does better. */
async function bestOfEquals(
  deps: DispatchDeps,
  { session, first, equals, touched, sieve }: Equals,
): Promise<Candidate> {
  const meetsTouched = anyIntersectorOf(touched, deps.policy);
  const fitOf = (task: Candidate): Fit => ({
    hasTouched: touched.length > 0 && meetsTouched(sieve.scopeOf(task)),
    skillsMatched: countSkills(task.skills, session.skills),
  });
  const ordered = choosing("comparing what suits a session", () =>
    [first, ...equals]
      .map((task) => ({ task, fit: fitOf(task) }))
      .toSorted((left, right) => compareFits(left.fit, right.fit)),
  );
  for (const { task } of ordered) {
    if (task === first || (await sieve.isFree(task))) {
      return task;
    }
  }
  return first;
}
