import type { ChoiceOf, Judging } from "../decide.ts";
import { ecosystems, folderOf, nameOf } from "../lock-files.ts";
import type { Ecosystem } from "../lock-files.ts";
import { shown } from "../patterns.ts";
import { fails, passes } from "../rule.ts";
import type { RulePlace, Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";
import type { SizedFile } from "../snapshot.ts";

/** Lock files change with their manifests, and manifests' dependencies with a lock file where there is one. */
export function decideLockfile(_choice: ChoiceOf<"lockfile">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.files, (files) =>
    judgedBy(snapshot.lockFiles, (existing) => {
      const faults = ecosystems.flatMap((ecosystem) => [
        ...locksAlone(files, ecosystem),
        ...manifestsAlone(files, ecosystem, new Set(existing)),
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

/** Other code is installed, and no line of a manifest says why. One below the lock file's folder counts, as in workspaces. */
function locksAlone(
  files: readonly SizedFile[],
  { manifest, locks }: Ecosystem,
): readonly RulePlace[] {
  const manifests = files.filter(({ path }) => nameOf(path) === manifest);
  return files
    .filter(({ path, kind }) => locks.includes(nameOf(path)) && kind === "modified")
    .filter(({ path }) => !manifests.some((each) => each.path.startsWith(folderOf(path))))
    .map(({ path }) => faultOf(path, `${shown(path)} changes, and no ${manifest} does.`));
}

function manifestsAlone(
  files: readonly SizedFile[],
  { manifest, locks }: Ecosystem,
  existing: ReadonlySet<string>,
): readonly RulePlace[] {
  const changed = new Set(files.map(({ path }) => path));
  return files
    .filter(({ path, kind }) => nameOf(path) === manifest && kind !== "deleted")
    .filter(({ changesDependencies }) => changesDependencies)
    .filter(({ path }) => {
      const own = foldersAbove(path).flatMap((folder) => locks.map((lock) => `${folder}${lock}`));
      return own.some((lock) => existing.has(lock)) && !own.some((lock) => changed.has(lock));
    })
    .map(({ path }) =>
      faultOf(path, `Dependencies in ${shown(path)} change, and the lock file does not.`),
    );
}

function faultOf(path: string, says: string): RulePlace {
  return { path, line: null, says, isWarning: false };
}

function foldersAbove(path: string): readonly string[] {
  const folders = [folderOf(path)];
  while (folders.at(-1) !== "") {
    folders.push(folderOf((folders.at(-1) ?? "").slice(0, -1)));
  }
  return folders;
}
