import type { FullPlan, Task } from "../plans/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { candidateOf } from "./candidate-of.ts";
import type { DispatchDeps } from "./deps.ts";
import type { PickOutcome, PickedTask } from "./picked-task.ts";
import { reserveFor } from "./reserve.ts";
import { SchedulerFault } from "./scheduler-fault.ts";
import { scopeOf } from "./scope.ts";
import type { BlockedCandidate } from "./sieve.ts";
import type { Findings } from "./summary.ts";
import { createUsedUp } from "./used-up.ts";
import type { UsedUp } from "./used-up.ts";
import { firstRefusal } from "./verdicts.ts";

interface Request {
  readonly session: Session;
  readonly plan: string | null;
  /** What is said of it. */
  readonly degraded: string;
}

/** More tasks than any plan has that is handed out so. */
const mostTasks = 20_000;

/**
 * Picks without choosing: of each active plan of which nothing is in work the first task, in the order of its file, that is ready, whose paths
 * can be read and are free, and that the budgets allow. Neither scores nor sessions are compared; paths are kept as ever.
 */
export async function pickInOrder(
  deps: DispatchDeps,
  tx: Transaction,
  request: Request,
): Promise<PickOutcome> {
  const search: Search = {
    request,
    inTheWay: [],
    usedUp: createUsedUp(),
    passedOver: { count: 0 },
  };
  const full: FullPlan[] = [];
  const plans = await deps.plans.listPlans(tx);
  for (const { id } of plans.filter((each) => isAsked(each, request.plan))) {
    const tasks = await deps.plans.listTasks(tx, { plan: id, limit: mostTasks });
    const claimed = tasks.filter(({ status }) => status === "claimed").length;
    if (claimed > 0) {
      full.push({ plan: id, claimed, most: 1, because: "handing out one at a time" });
      continue;
    }
    const pick = await firstOf(deps, tx, { ...search, tasks });
    if (pick !== null) {
      return { pick };
    }
  }
  return { pick: null, findings: findingsOf(search, full) };
}

function isAsked(
  { id, status }: { readonly id: string; readonly status: string },
  plan: string | null,
): boolean {
  return status === "active" && (plan === null || plan === id);
}

interface Search {
  readonly request: Request;
  readonly inTheWay: BlockedCandidate[];
  readonly usedUp: UsedUp;
  readonly passedOver: { count: number };
}

const mostRefusals = 5;

function findingsOf(
  { request, inTheWay, usedUp, passedOver }: Search,
  full: readonly FullPlan[],
): Findings {
  return {
    full,
    reasons: [],
    inTheWay: inTheWay.slice(0, mostRefusals),
    passedOver: passedOver.count,
    leftCount: 0,
    left: [],
    overBudget: usedUp.all(),
    uncompared: 0,
    isForAll: false,
    degraded: request.degraded,
  };
}

async function firstOf(
  deps: DispatchDeps,
  tx: Transaction,
  search: Search & { readonly tasks: readonly Task[] },
): Promise<PickedTask | null> {
  for (const task of search.tasks) {
    if (await isReady(deps, tx, { task, session: search.request.session })) {
      const pick = await tried(deps, tx, { ...search, task });
      if (pick !== null) {
        return pick;
      }
      search.passedOver.count += 1;
    }
  }
  return null;
}

async function isReady(
  { plans }: DispatchDeps,
  tx: Transaction,
  { task, session }: { readonly task: Task; readonly session: Session },
): Promise<boolean> {
  if (task.status !== "pending" || task.isContainer || task.unmet > 0) {
    return false;
  }
  const obstacles = await plans.obstacles(tx, task);
  return obstacles.every((each) => each.kind === "assigned" && each.session === session.id);
}

async function tried(
  deps: DispatchDeps,
  tx: Transaction,
  { request, inTheWay, usedUp, task: of }: Search & { readonly task: Task },
): Promise<PickedTask | null> {
  const { session, degraded } = request;
  const task = candidateOf(of, 0);
  const patterns = readable(deps, of);
  if (patterns === null) {
    return null;
  }
  const refusal = await firstRefusal(deps, tx, { session, patterns });
  if (refusal !== null) {
    inTheWay.push({ task, refusal });
    return null;
  }
  const reserved = await reserveFor(deps, tx, { session, task });
  if (reserved.kind === "exceeded") {
    usedUp.add(reserved.budget);
    return null;
  }
  const money = { ...reserved, warnings: [degraded, ...reserved.warnings] };
  return { task, patterns, reserve: () => Promise.resolve(money), degraded };
}

/** Null for a scope that cannot be read: without leases nothing would keep others out of it. */
function readable({ paths }: DispatchDeps, task: Task): readonly PathPattern[] | null {
  try {
    return scopeOf(paths, task);
  } catch (error) {
    if (error instanceof SchedulerFault) {
      return null;
    }
    throw error;
  }
}
