import type { ChoiceOf, Judging } from "../decide.ts";
import { listed } from "../patterns.ts";
import { judgedByApprovers } from "../people.ts";
import { fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";

/** Persons other than the author say yes to this very head. */
export function decideApprovals(choice: ChoiceOf<"approvals">, { snapshot }: Judging): Verdict {
  return judgedByApprovers({ ...choice, authorCounts: false, snapshot }, (people) =>
    people.length >= choice.count
      ? passes(`${listed(people)} approved this head.`)
      : fails({
          reason: `${String(people.length)} of ${String(choice.count)} persons approved this head.`,
          fix: `Ask a person with the permission ${choice.permission} to approve ${snapshot.head.sha.slice(0, 12)}; each push asks anew.`,
        }),
  );
}
