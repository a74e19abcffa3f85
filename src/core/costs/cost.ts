import type { MicroUsd, SessionId } from "../base/ids.ts";

/** What a model call used. Counts are tokens. */
export interface Usage {
  /** As its provider names it, or null when the caller knows the cost only. */
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** The cost the caller reports; null means: price it by the table. */
  readonly microUsd: MicroUsd | null;
}

/**
 * What money is counted for. A plan's budget covers its tasks, a pull request's all pushes to it, an issue's the issues below it with their
 * tasks and the pull requests for them; a day
 * and a month are those of UTC; an author's is of the pull requests of one account on one day; a run is one review or draft; the project's covers all. `retries` is the
 * limit of what each plan's second and later attempts may cost; money is never set aside in it.
 */
export type BudgetScope =
  | "project"
  | "retries"
  | `retries:${string}`
  | `plan:${string}`
  | `task:${string}`
  | `run:${string}`
  | `pr:${string}`
  | `issue:${string}`
  | `author:${string}`
  | `day:${string}`
  | `month:${string}`;

export interface Budget {
  readonly scope: BudgetScope;
  readonly limitMicroUsd: MicroUsd;
  /** A hard budget refuses what would pass it; a soft one warns. */
  readonly isHard: boolean;
  readonly reservedMicroUsd: MicroUsd;
  readonly spentMicroUsd: MicroUsd;
}

/** What covers a task. */
export interface Covering {
  /** Where what a claim sets aside is counted, with a limit or without. */
  readonly scopes: readonly BudgetScope[];
  readonly budgets: readonly Budget[];
}

/** What is left in the tightest of some budgets. */
export interface BudgetRoom {
  /** The budget's scope; that of a run which has no id yet is `this run`. */
  readonly of: string;
  readonly microUsd: MicroUsd;
}

/** Names a claim: its task and the fence that it was granted under. */
export interface ClaimKey {
  readonly plan: string;
  readonly task: string;
  readonly fence: number;
}

/** Money set aside for a claim. What the claim spends is taken from it; what is left is let go when the claim ends. */
export interface Reservation extends ClaimKey {
  /** `R` and a number. */
  readonly id: string;
  readonly session: SessionId;
  /** Set aside at first. */
  readonly microUsd: MicroUsd;
  /** Not spent yet. */
  readonly leftMicroUsd: MicroUsd;
}

export type ReserveOutcome =
  | {
      readonly kind: "reserved";
      /** Null when no budget applies: nothing had to be set aside. */
      readonly reservation: Reservation | null;
      /** One sentence for each budget that is nearly or, being soft, more than used up. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: "exceeded"; readonly budget: Budget };

/** One line of the ledger. */
export interface Spend {
  /** `C` and a number. */
  readonly id: string;
  readonly atMs: number;
  readonly session: SessionId | null;
  readonly plan: string | null;
  readonly task: string | null;
  readonly fence: number | null;
  /** Which attempt at the task it was spent for, from 1; null outside of a task. */
  readonly attempt: number | null;
  readonly usage: Usage;
  readonly microUsd: MicroUsd;
  /** True when neither the caller nor the price table knew the price and the dearest known one was taken. */
  readonly isGuess: boolean;
  /** True when its attempt failed or was lost. */
  readonly isFailed: boolean;
}
