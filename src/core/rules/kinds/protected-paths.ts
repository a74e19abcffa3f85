import type { ChoiceOf, Judging } from "../decide.ts";
import { listed, pathMatcher } from "../patterns.ts";
import { judgedByApprovers } from "../people.ts";
import { counted, fails, passes, skips } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy, touchedBySides } from "../snapshot.ts";

/** Changes of some paths, by either side of a rename, need persons who say yes to this very head. */
export function decideProtectedPaths(
  choice: ChoiceOf<"protected_paths">,
  { snapshot }: Judging,
): Verdict {
  return judgedBy(snapshot.files, (files) => {
    const touched = touchedBySides(files).filter(pathMatcher(choice.paths));
    if (touched.length === 0) {
      return passes("No protected path is touched.");
    }
    if (snapshot.approvals.kind === "absent") {
      const why = `${counted(touched.length, "protected path")} touched (${listed(touched)}). ${snapshot.approvals.why}`;
      return skips(why);
    }
    return judgedByApprovers({ ...choice, snapshot }, (people) =>
      people.length >= choice.count
        ? passes(`${listed(people)} approved the ${counted(touched.length, "protected path")}.`)
        : fails({
            reason: `${counted(touched.length, "protected path")} touched, and ${String(people.length)} of ${String(choice.count)} persons approved this head.`,
            fix: `Ask a person with the permission ${choice.permission} to approve ${snapshot.head.sha.slice(0, 12)}; each push asks anew.`,
            details: touched,
            places: touched.map((path) => ({
              path,
              line: null,
              says: "This path is protected.",
              isWarning: false,
            })),
          }),
    );
  });
}
