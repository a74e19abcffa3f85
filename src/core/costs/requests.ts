import type { Actor, MicroUsd, SessionId } from "../base/ids.ts";
import type { BudgetScope, ClaimKey, Covering, Usage } from "./cost.ts";

export interface BudgetRequest {
  readonly scope: BudgetScope;
  /** Null takes the limit away. */
  readonly limitMicroUsd: MicroUsd | null;
  readonly isHard: boolean;
  readonly actor: Actor;
}

export interface ReserveRequest extends ClaimKey {
  readonly session: SessionId;
  readonly microUsd: MicroUsd;
  /** What `covering` found of the task in this transaction, before anything was set aside. Default: it is looked at. */
  readonly covering?: Covering | undefined;
}

export type CoveringRequest = Pick<ReserveRequest, "plan" | "task">;

export type RefusalRequest = Pick<ReserveRequest, "plan" | "task" | "microUsd">;

export interface SpendRequest {
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  readonly fence: number | null;
  /** From 1; null outside of a task. */
  readonly attempt: number | null;
  readonly usage: Usage;
  /** When it was spent. Default: now. */
  readonly atMs?: number | undefined;
  /** True when its attempt had failed before it was told. Default: false. */
  readonly isFailed?: boolean | undefined;
  readonly actor: Actor;
}

export interface SettleRequest extends ClaimKey {
  /** True when the attempt failed or was lost: its spends then count as failed. */
  readonly isFailed: boolean;
  readonly actor: Actor;
}

/** What spends are added up by; a run is one review or draft, a day one of UTC. */
export type TotalsBy = "session" | "plan" | "task" | "model" | "run" | "pr" | "issue" | "day";

export interface TotalsOptions {
  /** Only what was spent at this time or later, in epoch milliseconds. Default: everything. */
  readonly sinceMs?: number | undefined;
}

/** Sums over the ledger. */
export interface Totals {
  /** The session, plan, `PLAN/TASK`, model, run, number, or day as 2026-11-20; an empty text for spends without one. */
  readonly name: string;
  readonly microUsd: MicroUsd;
  /** Of this, spent in second and later attempts. */
  readonly retryMicroUsd: MicroUsd;
  /** Of this, spent in attempts that failed or were lost. */
  readonly failedMicroUsd: MicroUsd;
  /** Of this, charged at a guessed price or at a call's worst case. */
  readonly guessMicroUsd: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Read from and written to the cache. */
  readonly cacheTokens: number;
  readonly spends: number;
}

export interface SpendsOptions {
  /** Only those after this place in the ledger. Default 0. */
  readonly after?: number | undefined;
  /** Default 1,000. */
  readonly limit?: number | undefined;
}
