import type { OverlapSearch } from "../../plans/index.ts";
import type { DraftPlan } from "../draft.ts";
import { checkOverlaps } from "./check-overlaps.ts";
import { checkScopes } from "./check-scopes.ts";
import { checkStructure } from "./check-structure.ts";
import { checkWords } from "./check-words.ts";
import type { DraftFault } from "./fault.ts";
import type { Tree } from "./tree.ts";

export interface CheckDeps {
  readonly tree: Tree;
  /** Exact intersection of path patterns. */
  readonly overlaps: OverlapSearch;
}

/** Everything that is wrong with a draft; empty when it is safe for parallel agents. */
export function checkDraft(plan: DraftPlan, { tree, overlaps }: CheckDeps): readonly DraftFault[] {
  const shape: readonly DraftFault[] =
    !plan.isSplit && plan.tasks.length > 1
      ? [{ rule: "shape", tasks: [], message: "A plan that is not split has one task." }]
      : [];
  const scopes = checkScopes(plan, tree);
  const isReadable = scopes.every(({ rule }) => rule !== "path");
  return [
    ...shape,
    ...checkStructure(plan),
    ...checkWords(plan),
    ...scopes,
    ...(isReadable ? checkOverlaps(plan, overlaps) : []),
  ];
}
