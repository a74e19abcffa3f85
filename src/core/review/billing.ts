import type { MicroUsd } from "../base/ids.ts";
import type { ReviewCost, SeatReport } from "./review.ts";

/** What the ledger charged for one seat of a review. */
export interface SeatBill {
  readonly seat: number;
  /** Tries that the ledger has a line for, retries too. */
  readonly calls: number;
  readonly microUsd: MicroUsd;
  /** Those of the provider's cache too. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The part of a result that speaks of money. */
export interface Billing {
  readonly seats: readonly SeatReport[];
  readonly cost: ReviewCost;
}

/** Puts the ledger's figures in place of the swarm's, which knows the last try of each call alone: seats sum up to the total. */
export function billed({ seats, cost }: Billing, bills: readonly SeatBill[] | null): Billing {
  if (bills === null) {
    return { seats, cost };
  }
  const bySeat = new Map(bills.map((bill) => [bill.seat, bill]));
  const sum = (of: (bill: SeatBill) => number): number =>
    bills.reduce((total, bill) => total + of(bill), 0);
  return {
    seats: seats.map((report) => {
      const { calls, microUsd } = bySeat.get(report.seat) ?? { calls: 0, microUsd: 0 };
      return { ...report, calls, microUsd };
    }),
    cost: {
      microUsd: sum(({ microUsd }) => microUsd),
      inputTokens: sum(({ inputTokens }) => inputTokens),
      outputTokens: sum(({ outputTokens }) => outputTokens),
      savedMicroUsd: cost.savedMicroUsd,
    },
  };
}
