import type { ChoiceOf, Judging } from "../decide.ts";
import { branchMatcher, listed, shown } from "../patterns.ts";
import { isEntitled } from "../people.ts";
import { fails, passes, skips } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** Protected branches take changes only from those who may, and only from the branches that may. */
export function decideTargetBranch(choice: ChoiceOf<"target_branch">, judging: Judging): Verdict {
  const { base } = judging.snapshot;
  if (!branchMatcher(choice.branches)(base.ref)) {
    return skips(`${shown(base.ref)} is none of the protected branches.`);
  }
  return wrongSource(choice, judging) ?? byAuthor(choice, judging);
}

function wrongSource({ from }: ChoiceOf<"target_branch">, { snapshot }: Judging): Verdict | null {
  const { head, base } = snapshot;
  if (from === null || (!head.isFork && head.ref !== null && branchMatcher(from)(head.ref))) {
    return null;
  }
  const where = head.isFork ? " of another repository" : "";
  return fails({
    reason: `${shown(base.ref)} takes changes from ${listed(from)} alone, and this one comes from ${shown(head.ref ?? head.sha)}${where}.`,
    fix: `Open the pull request into another branch first; it reaches ${shown(base.ref)} from ${listed(from)}.`,
  });
}

function byAuthor(choice: ChoiceOf<"target_branch">, { snapshot }: Judging): Verdict {
  const branch = shown(snapshot.base.ref);
  return judgedBy(snapshot.author, (author) =>
    isEntitled(author, choice)
      ? passes(`${shown(author.login)} may change ${branch}.`)
      : fails({
          reason: `${branch} is protected: ${shown(author.login)} (${author.kind}, ${author.permission}) may not open changes into it.`,
          fix: `Let somebody with the permission ${choice.permission} open it, or name the account under \`users\` on the default branch.`,
        }),
  );
}
