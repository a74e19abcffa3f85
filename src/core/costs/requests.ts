import type { Actor, MicroUsd, SessionId } from "../base/ids.ts";
import type { BudgetScope, ClaimKey, Usage } from "./cost.ts";

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
}

export type RefusalRequest = Pick<ReserveRequest, "plan" | "task" | "microUsd">;

export interface SpendRequest {
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  readonly fence: number | null;
  /** From 1; null outside of a task. */
  readonly attempt: number | null;
  readonly usage: Usage;
  readonly actor: Actor;
}

export interface SettleRequest extends ClaimKey {
  /** True when the attempt failed or was lost: its spends then count as failed. */
  readonly isFailed: boolean;
  readonly actor: Actor;
}

/** What spends are added up by. */
export type TotalsBy = "session" | "plan" | "task" | "model";

/** Sums over the ledger. */
export interface Totals {
  /** The session, plan, `PLAN/TASK` or model; an empty text for spends without one. */
  readonly name: string;
  readonly microUsd: MicroUsd;
  /** Of this, spent in second and later attempts. */
  readonly retryMicroUsd: MicroUsd;
  /** Of this, spent in attempts that failed or were lost. */
  readonly failedMicroUsd: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly spends: number;
}

export interface SpendsOptions {
  /** Only those after this place in the ledger. Default 0. */
  readonly after?: number | undefined;
  /** Default 1,000. */
  readonly limit?: number | undefined;
}
