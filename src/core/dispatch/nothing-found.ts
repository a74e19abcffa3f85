import type { Clock } from "../base/clock.ts";
import type { Transaction } from "../store/index.ts";
import type { Findings } from "./summary.ts";

/**
 * What a look for work found last that found nothing, by the plan that was asked for. As long as the log stands still, whoever holds no path and
 * asks for the same would find the same: many who have nothing to do cost little.
 */
export interface NothingFound {
  /** What was found where the log ended at a number, a moment ago; null when that is not known. */
  at(plan: string | null, seq: number): Findings | null;
  /** True when that was found there or further on: whatever came after it rings again. */
  since(plan: string | null, seq: number): boolean;
  /** Keeps what a transaction found, once it is committed. */
  keep(tx: Transaction, plan: string | null, seen: Seen): void;
}

interface Seen {
  /** Where the log ends, with what the transaction itself wrote. */
  readonly seq: number;
  readonly findings: Findings;
}

/** For so long it counts, in milliseconds: time alone frees paths, too. */
const goodMs = 1_000;

/** More plans than anybody asks for at once. */
const keptPlans = 100;

export function createNothingFound(clock: Clock): NothingFound {
  const kept = new Map<string | null, Seen & { readonly untilMs: number }>();
  const fresh = (plan: string | null): readonly Seen[] =>
    [kept.get(plan), kept.get(null)].flatMap((seen) =>
      seen !== undefined && clock.nowMs() < seen.untilMs ? [seen] : [],
    );
  return {
    at: (plan, seq) => fresh(plan).find((seen) => seen.seq === seq)?.findings ?? null,
    since: (plan, seq) => fresh(plan).some((seen) => seen.seq >= seq),
    keep: (tx, plan, seen) => {
      const untilMs = clock.nowMs() + goodMs;
      tx.afterCommit(seen, () => {
        if (kept.size >= keptPlans) {
          kept.clear();
        }
        kept.set(plan, { ...seen, untilMs });
      });
    },
  };
}
