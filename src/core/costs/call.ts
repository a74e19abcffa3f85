import { issueOfPlan } from "../base/issue-plan.ts";
import type { Actor, MicroUsd, SessionId } from "../base/ids.ts";
import type { BudgetWarning } from "./budget.ts";
import type { Budget, BudgetScope } from "./cost.ts";

/** What a call to a model is made for; the budgets that it counts in follow from it. */
export interface CallPurpose {
  /** The review or draft that it belongs to, as `R12`; a budget may bound it. */
  readonly run: string;
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  /** The number of the pull request: its budget is cumulative over pushes. */
  readonly pr: number | null;
  /** The number of the issue at the top of its tree; null: that of the plan, where it has one. */
  readonly issue: number | null;
  /** The id of the account whose pull request it is, as the code host has it. */
  readonly author: string | null;
}

export interface CallReserveRequest {
  readonly purpose: CallPurpose;
  readonly seat: string;
  readonly phase: string;
  /** Which try of the call, from 1. */
  readonly attempt: number;
  /** As its provider names it. */
  readonly model: string;
  /** The most that it can use. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What that would cost. */
  readonly microUsd: MicroUsd;
  /** What `reserveRun` gave: the call draws on it as far as it reaches. Null: it stands alone. */
  readonly drawsOn: string | null;
  readonly actor: Actor;
}

export type RunReserveRequest = Pick<CallReserveRequest, "purpose" | "microUsd" | "actor">;

export type CallReserveOutcome =
  | {
      readonly kind: "reserved";
      /** `K` and a number. */
      readonly id: string;
      /** Of each budget that is nearly used up. */
      readonly warnings: readonly BudgetWarning[];
    }
  | { readonly kind: "exceeded"; readonly budget: Budget };

export interface CallSettleRequest {
  /** What `reserveCall` gave. */
  readonly id: string;
  /**
   * What to charge: what was used and its price; `estimated` for the whole reservation, where nobody told the usage; `nothing` where
   * nothing was charged.
   */
  readonly charge:
    | {
        readonly kind: "used";
        readonly microUsd: MicroUsd;
        readonly inputTokens: number;
        readonly outputTokens: number;
        readonly cacheReadTokens: number;
        readonly cacheWriteTokens: number;
      }
    | { readonly kind: "estimated" }
    | { readonly kind: "nothing" };
  /** True when the call failed and cost money all the same. */
  readonly isFailed: boolean;
  readonly actor: Actor;
}

/** What one seat of a run has cost. */
export interface SeatSpend {
  readonly seat: string;
  /** Lines of the ledger: tries that cost something or whose cost is not known. */
  readonly calls: number;
  readonly microUsd: MicroUsd;
  /** Those of the provider's cache too. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** How many of the calls were charged at their reservation. */
  readonly estimated: number;
}

/** The seat, phase and model of what is set aside for all calls of a run. */
export const wholeRun = "all";

/** The day and the month of a time, in UTC. */
export function calendarScopes(atMs: number): readonly BudgetScope[] {
  const day = new Date(atMs).toISOString().slice(0, 10);
  return [`day:${day}`, `month:${day.slice(0, 7)}`];
}

/** The budget of one author on the day of a time, in UTC. */
export function authorScope(author: string, atMs: number): BudgetScope {
  return `author:${author}/${new Date(atMs).toISOString().slice(0, 10)}`;
}

/** The issue that a call counts for: the one that it names, else the one that its plan is of. */
export function issueOf({ issue, plan }: Pick<CallPurpose, "issue" | "plan">): number | null {
  return issue ?? issueOfPlan(plan);
}

/** All budgets that a call counts in, at a time. */
export function scopesOfCall(purpose: CallPurpose, nowMs: number): readonly BudgetScope[] {
  const { run, plan, task, pr, author } = purpose;
  const issue = issueOf(purpose);
  const scopes: readonly (BudgetScope | null)[] = [
    "project",
    ...calendarScopes(nowMs),
    `run:${run}`,
    plan === null ? null : `plan:${plan}`,
    plan === null || task === null ? null : `task:${plan}/${task}`,
    pr === null ? null : `pr:${String(pr)}`,
    issue === null ? null : `issue:${String(issue)}`,
    author === null ? null : authorScope(author, nowMs),
  ];
  return scopes.filter((scope) => scope !== null);
}

/** False for the limit of retries, and for the budgets of runs and of days and months that are over: they hold nothing any more that anyone asks of. */
export function isCurrentScope(scope: BudgetScope, nowMs: number): boolean {
  if (scope.startsWith("author:")) {
    return scope.endsWith(new Date(nowMs).toISOString().slice(0, 10));
  }
  const isDated = scope.startsWith("day:") || scope.startsWith("month:");
  const isOther = scope === "retries" || scope.startsWith("run:");
  return isDated ? calendarScopes(nowMs).includes(scope) : !isOther;
}
