import type { ReserveOutcome } from "../costs/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { Findings } from "./summary.ts";

/** A task that can be given now, with its scope. */
export interface PickedTask {
  readonly task: Candidate;
  readonly patterns: readonly PathPattern[];
  /** Sets money aside for it under the number of its event, or tells what was set aside: the budgets have room. Its taker asks beside what else it writes. */
  readonly reserve: (fence: number) => Promise<ReserveOutcome>;
  /** Why it was not chosen but taken in the plan's order; null as a rule. */
  readonly degraded: string | null;
}

/** The best free task, or what was in the way of those that were not free. */
export type PickOutcome =
  | { readonly pick: PickedTask }
  | { readonly pick: null; readonly findings: Findings };
