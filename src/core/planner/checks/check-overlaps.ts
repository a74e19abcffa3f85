import type { OverlapSearch } from "../../plans/index.ts";
import type { DraftPlan } from "../draft.ts";
import type { DraftFault } from "./fault.ts";
import { findUnordered } from "./find-unordered.ts";

/** Names tasks that may run at the same time though their scopes share a path, exactly. */
export function checkOverlaps(plan: DraftPlan, search: OverlapSearch): readonly DraftFault[] {
  const { pairs, isComplete } = findUnordered(plan, search);
  const tooLarge: DraftFault = { rule: "size", tasks: [], message: tooLargeText };
  return [
    ...pairs.map(({ first, second, files }) => ({
      rule: "overlap" as const,
      tasks: [first, second],
      message: `${first} (${files[0]}) and ${second} (${files[1]}) share paths and could run at the same time. Let one depend on the other, or merge them.`,
    })),
    ...(isComplete ? [] : [tooLarge]),
  ];
}

/** What is said of a plan that was not compared to its end. */
export const tooLargeText =
  "The tasks claim too many paths to compare all of them. Claim folders or globs, or make several plans.";
