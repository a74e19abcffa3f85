import type { ChoiceOf, Judging } from "../decide.ts";
import { listed } from "../patterns.ts";
import { approvers } from "../people.ts";
import { fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** Persons other than the author say yes to this very head. */
export function decideApprovals(choice: ChoiceOf<"approvals">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.approvals, (approvals) => {
    const people = approvers(approvals, { ...choice, authorCounts: false, snapshot });
    return people.length >= choice.count
      ? passes(`${listed(people)} approved this head.`)
      : fails({
          reason: `${String(people.length)} of ${String(choice.count)} persons approved this head.`,
          fix: `Ask a person with the permission ${choice.permission} to approve ${snapshot.head.sha.slice(0, 12)}; each push asks anew.`,
        });
  });
}
