import type { Actor, MicroUsd } from "../base/ids.ts";

/** What money is spent for in the end: an issue that is resolved, a pull request that is merged. */
export type OutcomeKind = "issue" | "pr";

/** An issue or a pull request that is over. */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly number: number;
  /** True: resolved, or merged. False: given up. */
  readonly isReached: boolean;
  /** `PLAN/TASK` of the tasks whose work a pull request brought; empty for an issue, whose plan is known by its number. */
  readonly tasks: readonly string[];
  readonly atMs: number;
}

/** An outcome with what was spent for it: by its planner, by the agents of its tasks, by its reviewers. */
export interface PaidOutcome extends Outcome {
  readonly microUsd: MicroUsd;
}

export interface OutcomeRequest extends Pick<Outcome, "kind" | "number" | "tasks"> {
  /** Null: it is open again, and no outcome. */
  readonly isReached: boolean | null;
  readonly actor: Actor;
}

/** What one kind of outcome has cost. */
export interface OutcomePrice {
  readonly reached: number;
  readonly givenUp: number;
  /** For all of them. */
  readonly microUsd: MicroUsd;
  /** For each that was reached, what was given up included: somebody has paid it. Null where none was. */
  readonly eachMicroUsd: MicroUsd | null;
}

export function priceOfOutcomes(outcomes: readonly PaidOutcome[], kind: OutcomeKind): OutcomePrice {
  const own = outcomes.filter((outcome) => outcome.kind === kind);
  const reached = own.filter(({ isReached }) => isReached).length;
  const microUsd = own.reduce((sum, outcome) => sum + outcome.microUsd, 0);
  return {
    reached,
    givenUp: own.length - reached,
    microUsd,
    eachMicroUsd: reached === 0 ? null : Math.ceil(microUsd / reached),
  };
}
