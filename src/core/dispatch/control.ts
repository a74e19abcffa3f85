import type { Actor, MicroUsd } from "../base/ids.ts";
import type { BudgetScope } from "../costs/index.ts";
import type {
  CancelOutcome,
  ImportOptions,
  ImportResult,
  PlanDraft,
  RetryOutcome,
} from "../plans/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { ControlAct } from "./dispatch.ts";
import { freeEnded } from "./finish.ts";
import { checkScopes } from "./scope.ts";

/** Takes a plan in and sets the budgets that it names, in one transaction. @throws {SkeinError} SKN-15xx for a scope that cannot be read. */
export async function importPlan(
  deps: DispatchDeps,
  tx: Transaction,
  { draft, options }: { readonly draft: PlanDraft; readonly options: ImportOptions },
): Promise<ImportResult> {
  checkScopes(deps.paths, draft);
  await options.permit?.(tx);
  const result = await deps.plans.importPlan(tx, draft, options);
  if (options.isDryRun === true) {
    return result;
  }
  const changed = new Set([...result.created, ...result.updated]);
  const { actor } = options;
  if (result.isNewPlan || result.isPlanChanged) {
    const limitMicroUsd = draft.budgetMicroUsd;
    await setBudget(deps, tx, { scope: `plan:${draft.id}`, limitMicroUsd, actor });
  }
  for (const { id, budgetMicroUsd } of draft.tasks) {
    if (changed.has(id)) {
      const scope: BudgetScope = `task:${draft.id}/${id}`;
      await setBudget(deps, tx, { scope, limitMicroUsd: budgetMicroUsd, actor });
    }
  }
  return result;
}

interface BudgetChange {
  readonly scope: BudgetScope;
  readonly limitMicroUsd: MicroUsd | null;
  readonly actor: Actor;
}

async function setBudget(
  { costs }: DispatchDeps,
  tx: Transaction,
  change: BudgetChange,
): Promise<void> {
  const before = await costs.budget(tx, change.scope);
  if ((before?.limitMicroUsd ?? null) !== change.limitMicroUsd) {
    await costs.setBudget(tx, { ...change, isHard: true });
  }
}

export async function cancelTask(
  deps: DispatchDeps,
  tx: Transaction,
  { name, act }: { readonly name: string; readonly act: ControlAct },
): Promise<CancelOutcome> {
  const task = await deps.plans.resolve(tx, name, null);
  const outcome = await deps.plans.cancelTask(tx, { task, ...act });
  await freeEnded(deps, tx, outcome.ended);
  return outcome;
}

export async function cancelPlan(
  deps: DispatchDeps,
  tx: Transaction,
  { plan, act }: { readonly plan: string; readonly act: ControlAct },
): Promise<CancelOutcome> {
  const outcome = await deps.plans.cancelPlan(tx, { plan, ...act });
  await freeEnded(deps, tx, outcome.ended);
  return outcome;
}

export async function retryTask(
  deps: DispatchDeps,
  tx: Transaction,
  { name, act }: { readonly name: string; readonly act: ControlAct },
): Promise<RetryOutcome> {
  const task = await deps.plans.resolve(tx, name, null);
  return deps.plans.retryTask(tx, { task, actor: act.actor });
}
