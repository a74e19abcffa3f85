import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { toRepoGlobs, toRepoPath } from "../adapters/git/index.ts";
import type { PathInRepository } from "../adapters/git/index.ts";

export type { PathInRepository };

/**
 * Turns paths as an agent writes them into patterns as core reads them: relative to the root, and with symbolic links both the name and
 * what it leads to; of a glob that is the folder before its first wildcard. A path that ends in `/`, and the place of an existing folder,
 * stands for the folder.
 *
 * Paths count from the root; from where the agent stands when they begin with `./` or `../`, or exist only there.
 *
 * Without a place the caller is elsewhere and has resolved what its disk says: its paths count from the root as they are.
 *
 * @throws {SkeinError} SKN-8951 when one leads out of the repository.
 */
export function toPatterns(
  place: PathInRepository | null,
  paths: readonly string[],
): readonly string[] {
  return [
    ...new Set(
      paths.flatMap((path) => (place === null ? [fromRoot(path)] : patternsOf(place, path))),
    ),
  ];
}

/** What leads out of the root, or names a disk, is refused where patterns are parsed. */
function fromRoot(path: string): string {
  return path.replace(/^(?:\.\/)+(?=.)/u, "");
}

/** No system opens a longer path. */
const lengthLimit = 4_096;

function patternsOf(place: PathInRepository, path: string): readonly string[] {
  if (path === "" || path.length > lengthLimit) {
    // No place at all, and above all not the whole repository: refused where patterns are parsed.
    return [path];
  }
  if (!isAbsolute(path) && isGlob(place, path)) {
    return toRepoGlobs({ root: place.root, cwd: isFromHere(path) ? place.cwd : place.root }, path);
  }
  const from = { root: place.root, cwd: baseOf(place, path) };
  return toRepoPath(from, path).map((found) => asPattern(place, path, found));
}

function baseOf({ root, cwd }: PathInRepository, path: string): string {
  const isOnlyThere =
    kindOf(join(root, path)) === "nothing" && kindOf(join(cwd, path)) !== "nothing";
  return isFromHere(path) || isOnlyThere ? cwd : root;
}

function isFromHere(path: string): boolean {
  return /^\.\.?(?:\/|$)/u.test(path);
}

function isGlob({ root }: PathInRepository, path: string): boolean {
  return /[*?[\]{}]/u.test(path) && kindOf(join(root, path)) === "nothing";
}

function asPattern({ root }: PathInRepository, written: string, found: string): string {
  if (found === "") {
    return ".";
  }
  const isFolder = written.endsWith("/") || kindOf(join(root, found)) === "folder";
  return isFolder ? `${found}/` : found;
}

function kindOf(path: string): "file" | "folder" | "nothing" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    // Not there, or not to be looked at: where patterns are parsed it is looked at again, and said why.
    return "nothing";
  }
}
