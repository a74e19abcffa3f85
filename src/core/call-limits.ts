import type { MicroUsd } from "./base/ids.ts";
import { authorScope, issueOf } from "./costs/index.ts";
import type { BudgetRoom, BudgetScope, CallPurpose, Costs } from "./costs/index.ts";
import type { Reader, Transaction } from "./store/index.ts";

/** The hard limits that calls of models run under, in micro-dollars. What is missing or null has none. */
export interface CallLimits {
  readonly run?: MicroUsd | null | undefined;
  readonly task?: MicroUsd | null | undefined;
  readonly plan?: MicroUsd | null | undefined;
  /** Over all pushes to one pull request. */
  readonly pullRequest?: MicroUsd | null | undefined;
  /** With all issues below it. */
  readonly issue?: MicroUsd | null | undefined;
  /** Over one day of UTC, reported spends of agents included. */
  readonly day?: MicroUsd | null | undefined;
  /** Of the pull requests of one account, over one day of UTC. */
  readonly authorDay?: MicroUsd | null | undefined;
  /** As `day`. */
  readonly month?: MicroUsd | null | undefined;
}

/** What limits are for: a run whose id is not known yet is null. */
export interface LimitedCalls {
  readonly costs: Costs;
  readonly limits: CallLimits;
  readonly purpose: Omit<CallPurpose, "run">;
  readonly run: string | null;
}

export interface ScopeLimit {
  readonly scope: BudgetScope;
  readonly limitMicroUsd: MicroUsd;
}

/** The limits that apply to a purpose at a time, as budgets. */
export function limitsOf(
  { limits, purpose, run }: Omit<LimitedCalls, "costs">,
  nowMs: number,
): readonly ScopeLimit[] {
  const { plan, task, pr, author } = purpose;
  const issue = issueOf(purpose);
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const all: readonly (readonly [BudgetScope | null, MicroUsd | null | undefined])[] = [
    [run === null ? null : `run:${run}`, limits.run],
    [plan === null || task === null ? null : `task:${plan}/${task}`, limits.task],
    [plan === null ? null : `plan:${plan}`, limits.plan],
    [pr === null ? null : `pr:${String(pr)}`, limits.pullRequest],
    [issue === null ? null : `issue:${String(issue)}`, limits.issue],
    [author === null ? null : authorScope(author, nowMs), limits.authorDay],
    [`day:${day}`, limits.day],
    [`month:${day.slice(0, 7)}`, limits.month],
  ];
  return all.flatMap(([scope, limitMicroUsd]) =>
    scope === null || limitMicroUsd == null ? [] : [{ scope, limitMicroUsd }],
  );
}

/** Limits become budgets when they are first needed: a day's, a pull request's and a run's begin by themselves. */
export async function keepLimits(tx: Transaction, calls: LimitedCalls): Promise<void> {
  for (const { scope, limitMicroUsd } of limitsOf(calls, tx.nowMs)) {
    await calls.costs.setBudget(tx, { scope, limitMicroUsd, isHard: true, actor: "system" });
  }
}

/**
 * What is left in the tightest of the budgets that such calls count in, nothing at least; null where none applies. Writes nothing: a limit that
 * is no budget yet is held against what its scope has spent.
 */
export async function roomFor(reader: Reader, calls: LimitedCalls): Promise<BudgetRoom | null> {
  const wanted = limitsOf(calls, reader.nowMs);
  const named = new Set(scopesBeside(calls, reader.nowMs));
  const budgets = await calls.costs.budgets(reader);
  const rooms: BudgetRoom[] = budgets
    .filter(({ scope, isHard }) => isHard && named.has(scope))
    .map(({ scope: of, limitMicroUsd, spentMicroUsd, reservedMicroUsd }) => ({
      of,
      microUsd: limitMicroUsd - spentMicroUsd - reservedMicroUsd,
    }));
  for (const { scope, limitMicroUsd } of wanted) {
    const kept = budgets.find((budget) => budget.scope === scope);
    const spent = kept?.spentMicroUsd ?? (await calls.costs.spentIn(reader, scope));
    const microUsd = limitMicroUsd - spent - (kept?.reservedMicroUsd ?? 0);
    rooms.push({ of: scope, microUsd });
  }
  const { run } = calls.limits;
  if (calls.run === null && run != null) {
    rooms.push({ of: "this run", microUsd: run });
  }
  const [tightest] = rooms.toSorted((a, b) => a.microUsd - b.microUsd);
  return tightest === undefined ? null : { ...tightest, microUsd: Math.max(0, tightest.microUsd) };
}

/** Every scope but the run's: those may have budgets that people set. */
function scopesBeside(
  { purpose }: Pick<LimitedCalls, "purpose">,
  nowMs: number,
): readonly BudgetScope[] {
  const unlimited: Required<CallLimits> = {
    run: null,
    task: 0,
    plan: 0,
    pullRequest: 0,
    issue: 0,
    authorDay: 0,
    day: 0,
    month: 0,
  };
  const scopes = limitsOf({ limits: unlimited, purpose, run: null }, nowMs);
  return ["project", ...scopes.map(({ scope }) => scope)];
}
