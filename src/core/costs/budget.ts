import { issueOfPlan } from "../base/issue-plan.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { Budget, BudgetScope, ReserveOutcome } from "./cost.ts";
import { exactUsd } from "./pricing.ts";

/** A budget warns when this share of it is used, in percent. */
const warnPercent = 80;

/** The scopes that a task's money counts in; a plan that an issue was split into counts in the issue's, too. */
export function scopesOf(plan: string | null, task: string | null): readonly BudgetScope[] {
  if (plan === null) {
    return ["project"];
  }
  const issue = issueOfPlan(plan);
  const scopes: readonly (BudgetScope | null)[] = [
    "project",
    `plan:${plan}`,
    task === null ? null : `task:${plan}/${task}`,
    issue === null ? null : `issue:${String(issue)}`,
  ];
  return scopes.filter((scope) => scope !== null);
}

/** The default reservation of a claim: two cents a minute of its size, from ten cents to two dollars. */
const reservationPolicy = {
  microUsdPerMinute: 20_000,
  leastMicroUsd: 100_000,
  mostMicroUsd: 2_000_000,
} as const;

/** What a claim of a size is expected to cost, by the default policy. */
export function estimateClaim(minutes: number): MicroUsd {
  const { microUsdPerMinute, leastMicroUsd, mostMicroUsd } = reservationPolicy;
  const estimate = Math.ceil(minutes * microUsdPerMinute);
  return Math.min(mostMicroUsd, Math.max(leastMicroUsd, estimate));
}

/**
 * Decides whether money may be set aside in all of the given budgets: each hard one must hold it on top of what is spent and reserved.
 * Null when it may, else the budget that refuses. An overrun that was reported afterwards refuses everything further.
 */
export function decideReserve(budgets: readonly Budget[], microUsd: MicroUsd): Budget | null {
  return (
    budgets.find((budget) => budget.isHard && usedOf(budget) + microUsd > budget.limitMicroUsd) ??
    null
  );
}

/** What is left of a budget, as `0.10 of 1.00 USD`. After an overrun that is nothing. */
export function leftOf(budget: Budget): string {
  const left = Math.max(0, budget.limitMicroUsd - usedOf(budget));
  return `${exactUsd(left)} of ${exactUsd(budget.limitMicroUsd)} USD`;
}

/** What stands against what is left, as `0.60 USD are asked for, 0.10 of 1.00 USD are left`. */
export function shortfallOf(budget: Budget, microUsd: MicroUsd): string {
  return `${exactUsd(microUsd)} USD are asked for, ${leftOf(budget)} are left`;
}

/** A budget that is nearly or more than used up. */
export interface BudgetWarning {
  readonly scope: BudgetScope;
  /** One sentence. */
  readonly text: string;
}

export function budgetWarnings(budgets: readonly Budget[]): readonly BudgetWarning[] {
  return budgets.filter(isNearlyUsed).map((budget) => {
    const { scope } = budget;
    const used = exactUsd(usedOf(budget));
    const limit = exactUsd(budget.limitMicroUsd);
    const text = `The budget of ${scope} is nearly used up: ${used} of ${limit} USD spent or reserved.`;
    return { scope, text };
  });
}

/** One sentence for each budget that is nearly or more than used up. */
export function warningsOf(budgets: readonly Budget[]): readonly string[] {
  return budgetWarnings(budgets).map(({ text }) => text);
}

function isNearlyUsed(budget: Budget): boolean {
  return usedOf(budget) * 100 >= budget.limitMicroUsd * warnPercent;
}

/** Spent and set aside together. */
function usedOf(budget: Budget): MicroUsd {
  return budget.spentMicroUsd + budget.reservedMicroUsd;
}

/** The outcome where no budget applies. */
export const unlimited: ReserveOutcome = { kind: "reserved", reservation: null, warnings: [] };
