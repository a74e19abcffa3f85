import { parsePathPattern, patternMatches } from "../../leases/index.ts";
import type { ChangedFile } from "../change.ts";
import { faultOfFile } from "./check.ts";
import type { Fault } from "./check.ts";

/**
 * Finds changes of paths that the project's settings forbid, by either side of a rename. Patterns are those of path leases; case does not
 * count, since some file system ignores it.
 *
 * @throws {SkeinError} SKN-1501 to SKN-1507 for a pattern that cannot be read.
 */
export function findForbiddenPaths(
  files: readonly ChangedFile[],
  patterns: readonly string[],
): readonly Fault[] {
  const forbidden = patterns.map((text) => parsePathPattern(text));
  const isForbidden = (path: string): boolean =>
    forbidden.some((pattern) => patternMatches(pattern, path, { caseInsensitive: true }));
  return files
    .filter(({ path, oldPath }) => isForbidden(path) || (oldPath !== null && isForbidden(oldPath)))
    .map((file) =>
      faultOfFile(file, {
        severity: "high",
        category: "security",
        title: "A path is changed that the settings forbid",
        body: "Changes there need a person who is in charge of it. Take the file out of this change.",
      }),
    );
}
