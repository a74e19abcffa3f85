import type { IssueChange } from "../../hosting/index.ts";
import { childBody, restoreBlock } from "../child.ts";
import type { ChildrenPlan } from "../children-plan.ts";
import type { ProofOf } from "../proof.ts";
import type { ChildState, PlanState } from "../state.ts";
import type { ChildDecision, TaskMove } from "./decide.ts";
import type { SeenChild } from "./look.ts";

/** What a sync does, or would do. */
export type SyncAct =
  /** The plan is taken in, which changes these tasks. */
  | { readonly kind: "import"; readonly tasks: readonly string[] }
  | {
      readonly kind: "move";
      readonly task: string;
      readonly move: TaskMove;
    }
  | { readonly kind: "close"; readonly number: number; readonly as: "completed" | "not_planned" }
  /** The text that Skein owns is put back, or says how the task ended. */
  | { readonly kind: "text"; readonly number: number }
  /** Closed by somebody whose word does not count. */
  | { readonly kind: "aside"; readonly number: number; readonly by: string | null }
  | { readonly kind: "again"; readonly number: number; readonly round: number }
  | { readonly kind: "comment" };

/** A child with what was decided of it. */
export interface DecidedChild extends SeenChild {
  readonly decision: ChildDecision;
  /** As it is from now on. */
  readonly next: ChildState;
}

/** What the decisions say by themselves. */
export function newsOf(decided: readonly DecidedChild[]): readonly SyncAct[] {
  return decided.flatMap(({ child, next, closer }): readonly SyncAct[] => {
    if (next.settled === "aside" && (child.settled !== "aside" || closer !== null)) {
      return [{ kind: "aside", number: child.number, by: closer?.login ?? null }];
    }
    return next.round > child.round
      ? [{ kind: "again", number: child.number, round: next.round }]
      : [];
  });
}

/** The change of a child's issue, in one call; null where it is as it should be. */
export function changeOf(
  { issue, next, decision }: DecidedChild,
  {
    parent,
    state,
    plan,
    proofOf,
  }: {
    readonly parent: number;
    readonly state: PlanState;
    readonly plan: ChildrenPlan;
    readonly proofOf: ProofOf;
  },
): IssueChange | null {
  const planned = plan.children.find(({ key }) => key === next.key);
  if (issue === null || planned === undefined) {
    return null;
  }
  const numbers = new Map(state.children.map(({ key, number }) => [key, number]));
  const wanted = childBody({
    parent,
    proof: proofOf(planned.key),
    child: planned,
    blockers: planned.dependsOn.flatMap((key) => numbers.get(key) ?? []),
    result: resultOf(next),
  });
  const body = restoreBlock(issue.body, wanted);
  if (body === issue.body && decision.close === null) {
    return null;
  }
  return {
    ...(body === issue.body ? {} : { body }),
    ...(decision.close === null
      ? {}
      : { state: { isOpen: false as const, closedAs: decision.close } }),
  };
}

/** A child that people closed by hand has nothing to show. */
function resultOf({ settled, commit, spentMicroUsd }: ChildState): {
  readonly commit: string | null;
  readonly spentMicroUsd: number;
} | null {
  const hasResult = settled === "completed" && (commit !== null || spentMicroUsd > 0);
  return hasResult ? { commit, spentMicroUsd } : null;
}
