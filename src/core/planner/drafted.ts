import type { Random } from "../base/clock.ts";
import { SkeinError } from "../base/errors.ts";
import type { OverlapSearch } from "../plans/index.ts";
import type { AskingCost } from "./asking/asking-cost.ts";
import type { DraftFault } from "./checks/fault.ts";
import type { Tree } from "./checks/tree.ts";
import type { DraftPlan } from "./draft.ts";
import { plannerErrors } from "./errors.ts";

export interface DraftingDeps {
  readonly tree: Tree;
  readonly search: OverlapSearch;
  readonly random: Random;
}

/** A plan without faults, and how it came about. */
export interface Drafted {
  readonly plan: DraftPlan;
  /** Who made it: the text's own list, or a model. */
  readonly origin: "reader" | "model";
  /** What code changed or found odd, in sentences. */
  readonly notes: readonly string[];
  /** How often the model had to mend it, 0 to 2. */
  readonly repairs: number;
  /** How many planners worked at the same time; 0: none. */
  readonly planners: number;
  readonly cost: AskingCost;
}

/** Passes only where nothing is wrong. @throws {SkeinError} SKN-0841 with the faults. */
export function needSafe(faults: readonly DraftFault[]): void {
  const [first] = faults;
  if (first !== undefined) {
    const more = faults.length === 1 ? "" : ` And ${String(faults.length - 1)} more.`;
    throw new SkeinError(plannerErrors.unsafePlan, {
      message: `The plan is not safe for parallel agents. ${first.message}${more}`,
      facts: { faults: faults.map(({ rule, tasks, message }) => ({ rule, tasks, message })) },
    });
  }
}
