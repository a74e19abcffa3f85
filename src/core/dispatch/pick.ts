import type { Reservation } from "../costs/index.ts";
import { anyIntersectorOf } from "../leases/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Candidate, CandidateCursor, FullPlan } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { compareFits, countSkills } from "./affinity.ts";
import type { Fit } from "./affinity.ts";
import type { DispatchDeps } from "./deps.ts";
import { reserveFor } from "./reserve.ts";
import { createSieve } from "./sieve.ts";
import type { PassedOver, Sieve } from "./sieve.ts";

/** A task that can be given now, with its scope. */
export interface PickedTask {
  readonly task: Candidate;
  readonly patterns: readonly PathPattern[];
  /** Money set aside for it already, or null where no budget covers it. */
  readonly reservation: Reservation | null;
  /** One sentence for each budget that is nearly used up with it. */
  readonly warnings: readonly string[];
}

/** The best free task, or what was in the way of those that were not free. */
export interface PickOutcome extends PassedOver {
  readonly pick: PickedTask | null;
  /** Plans that were left out: they have as many tasks in work as they may have. */
  readonly full: readonly FullPlan[];
}

/** The first page is small: mostly the first candidate is free. */
const firstPage = 8;
const nextPage = 64;

/**
 * Picks the best ready task whose paths are free for a session: by the score of E7, equal scores by file context, then skills, then age.
 * A task whose skills an idle session has and this one lacks is left to that session.
 */
export async function pickTask(
  deps: DispatchDeps,
  tx: Transaction,
  { session, plan }: { readonly session: Session; readonly plan: string | null },
): Promise<PickOutcome> {
  const sieve = createSieve(deps, tx, session);
  const full = await deps.plans.full(tx);
  const without = full.map((each) => each.plan);
  if (plan !== null && without.includes(plan)) {
    return { pick: null, full, ...sieve.findings() };
  }
  let after: CandidateCursor | null = null;
  for (let limit = firstPage; ; limit = nextPage) {
    const page: readonly Candidate[] = await deps.plans.candidates(tx, {
      plan,
      after,
      limit,
      without,
    });
    const pick = await pickOf(deps, tx, { session, page, sieve });
    after = page.at(-1) ?? after;
    if (pick !== null || page.length < limit) {
      return { pick, full, ...sieve.findings() };
    }
  }
}

interface Search {
  readonly session: Session;
  readonly page: readonly Candidate[];
  readonly sieve: Sieve;
}

async function pickOf(
  deps: DispatchDeps,
  tx: Transaction,
  search: Search,
): Promise<PickedTask | null> {
  for (const [index, task] of search.page.entries()) {
    if (await search.sieve.isFree(task)) {
      const best = await bestOfEquals(deps, tx, { ...search, first: task, index });
      const pick = await firstAffordable(deps, tx, { ...search, tasks: new Set([best, task]) });
      if (pick !== null) {
        return pick;
      }
    }
  }
  return null;
}

/** The first of some free tasks that the budgets allow; those that they do not are noted. */
async function firstAffordable(
  deps: DispatchDeps,
  tx: Transaction,
  { session, sieve, tasks }: Search & { readonly tasks: ReadonlySet<Candidate> },
): Promise<PickedTask | null> {
  for (const task of tasks) {
    const reserved = await reserveFor(deps, tx, { session, task });
    if (reserved.kind === "reserved") {
      const { reservation, warnings } = reserved;
      return { task, patterns: sieve.scopeOf(task), reservation, warnings };
    }
    sieve.refuse(task, reserved.budget);
  }
  return null;
}

/** How many of a session's latest leases count as its file context. */
const touchedLimit = 8;

/** Among free tasks of the same score, the one that suits the session best; the oldest when none does better. */
async function bestOfEquals(
  deps: DispatchDeps,
  tx: Transaction,
  search: Search & { readonly first: Candidate; readonly index: number },
): Promise<Candidate> {
  const { session, page, first, index, sieve } = search;
  const equals = page
    .slice(index + 1)
    .filter(({ scoreTenths }) => scoreTenths === first.scoreTenths);
  if (equals.length === 0) {
    return first;
  }
  const touched = await deps.leases.touchedBy(tx, session.id, touchedLimit);
  if (touched.length === 0 && session.skills.length === 0) {
    return first;
  }
  const meetsTouched = anyIntersectorOf(touched, deps.policy);
  const fitOf = (task: Candidate): Fit => ({
    hasTouched: touched.length > 0 && meetsTouched(sieve.scopeOf(task)),
    skillsMatched: countSkills(task.skills, session.skills),
  });
  const ordered = [first, ...equals]
    .map((task) => ({ task, fit: fitOf(task) }))
    .toSorted((left, right) => compareFits(left.fit, right.fit));
  for (const { task } of ordered) {
    if (task === first || (await sieve.isFree(task))) {
      return task;
    }
  }
  return first;
}
