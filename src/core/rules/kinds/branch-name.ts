import type { ChoiceOf, Judging } from "../decide.ts";
import { branchMatcher, listed, shown } from "../patterns.ts";
import { fails, passes, skips } from "../rule.ts";
import type { Verdict } from "../rule.ts";

/** The head's branch is named as the patterns say. */
export function decideBranchName(
  { patterns }: ChoiceOf<"branch_name">,
  { snapshot: { head } }: Judging,
): Verdict {
  if (head.ref === null) {
    return skips("No branch is named, only a commit.");
  }
  if (branchMatcher(patterns)(head.ref)) {
    return passes(`The branch ${shown(head.ref)} is named as it should be.`);
  }
  return fails({
    reason: `The branch ${shown(head.ref)} is not named like ${listed(patterns)}.`,
    fix: `Push the same commits to a branch named like ${listed(patterns)}, and open the pull request from there.`,
  });
}
