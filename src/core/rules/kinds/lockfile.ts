import { ecosystems, locksAlone, manifestsAlone } from "../../base/package-managers.ts";
import type { ChoiceOf, Judging } from "../decide.ts";
import { shown } from "../patterns.ts";
import { fails, passes } from "../rule.ts";
import type { RulePlace, Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** Lock files change with their manifests, and manifests' dependencies with a lock file where there is one. */
export function decideLockfile(_choice: ChoiceOf<"lockfile">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.files, (files) =>
    judgedBy(snapshot.lockFiles, (existing) => {
      const there = new Set(existing);
      const faults = ecosystems.flatMap((ecosystem) => [
        ...locksAlone(files, ecosystem).map(({ path }) =>
          faultOf(path, `${shown(path)} changes, and no ${ecosystem.manifest} does.`),
        ),
        ...manifestsAlone(files, ecosystem, {
          isChanging: ({ kind, changesDependencies }) => kind !== "deleted" && changesDependencies,
          hasPath: (path) => there.has(path),
        }).map(({ path }) =>
          faultOf(path, `Dependencies in ${shown(path)} change, and the lock file does not.`),
        ),
      ]);
      return faults.length === 0
        ? passes("Manifests and lock files change together.")
        : fails({
            reason: faults[0]?.says ?? "",
            fix: "Let the package manager write the lock file, and commit it with the manifest.",
            details: faults.slice(1).map(({ says }) => says),
            places: faults,
          });
    }),
  );
}

function faultOf(path: string, says: string): RulePlace {
  return { path, line: null, says, isWarning: false };
}
