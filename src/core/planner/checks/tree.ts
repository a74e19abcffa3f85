import { literalPrefix, patternMatches } from "../../leases/index.ts";
import type { PathPattern, PathPolicy } from "../../leases/index.ts";

/** The files of the base commit. */
export interface Tree {
  /** Sorted, `/`-separated, from the repository's root. */
  readonly paths: readonly string[];
  readonly policy: PathPolicy;
  /** @throws {SkeinError} SKN-15xx when the text is no path or pattern inside the repository. */
  parse(text: string): PathPattern;
  /** True when a path or pattern, as written, matches some file. */
  has(text: string): boolean;
}

export interface TreeDeps {
  readonly paths: readonly string[];
  readonly policy: PathPolicy;
  readonly parse: (text: string) => PathPattern;
}

/** Makes the tree of a list of files. */
export function createTree({ paths, policy, parse }: TreeDeps): Tree {
  const fold = (text: string): string => {
    const normal = text.normalize("NFC");
    return policy.caseInsensitive ? normal.toLowerCase() : normal;
  };
  const sorted = paths.toSorted();
  const folded = sorted.map((path) => fold(path));
  const known = new Set(folded);
  return {
    paths: sorted,
    policy,
    parse,
    has: (text) => {
      const pattern = parse(text);
      const prefix = fold(literalPrefix(pattern));
      if (known.has(prefix) && pattern.kind !== "glob") {
        return true;
      }
      // A literal that is a folder is meant as that folder.
      const inside = prefix === "" ? "" : `${prefix}/`;
      if (pattern.kind !== "glob") {
        return folded.some((path) => path.startsWith(inside));
      }
      return sorted.some(
        (path, at) =>
          (folded[at] ?? "").startsWith(prefix) && patternMatches(pattern, path, policy),
      );
    },
  };
}
