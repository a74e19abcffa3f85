import type { CallTag, TokenUsage } from "./language-model.ts";
import type { Model } from "./model.ts";

/** One try of a call before it is made, at its worst. */
export interface PlannedCall {
  /** Why it is made: the ledger knows the budgets of `tag.run`. */
  readonly tag: CallTag;
  readonly model: Model;
  /** From 1; every try of one call is set money aside for. */
  readonly attempt: number;
  /** The most that the prompt can have. */
  readonly inputTokens: number;
  /** The most that the answer can have, thinking included. */
  readonly outputTokens: number;
}

/** Money that is set aside for one try. */
export interface CallGrant {
  /** The ledger's own name of it. */
  readonly id: string;
  readonly call: PlannedCall;
}

/** What `reserve` answers. */
export type CallReservation =
  | { readonly kind: "granted"; readonly grant: CallGrant }
  /** A budget does not hold it, or the model has no price. The message is in our own words and names the budget. */
  | { readonly kind: "refused"; readonly message: string };

/**
 * How a try ended. `answered`: the model spoke; `refused`: the provider turned it away with an error status and bills nothing, unless it
 * tells a usage; `unknown`: it was sent and then cut, aborted or timed out; `unsent`: it never left, so the money is free again.
 */
export type CallOutcome = "answered" | "refused" | "unknown" | "unsent";

/** What a try has cost. */
export interface CallSettlement {
  readonly outcome: CallOutcome;
  /** Null: nobody told; after `answered` and `unknown` the whole reservation counts as spent, marked as an estimate. */
  readonly usage: TokenUsage | null;
}

/**
 * Where the money of calls is counted. Reserving is all or nothing over the budgets of the run, the task, the plan, the day and so on, in
 * one transaction; settling may come in any order and happens once.
 */
export interface CallLedger {
  reserve(call: PlannedCall): Promise<CallReservation>;
  settle(grant: CallGrant, settlement: CallSettlement): Promise<void>;
}
