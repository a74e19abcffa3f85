import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { locateRepository, placeOf, whereItLeads } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";

/** Where an agent stands. */
export interface Standpoint {
  readonly repository: Repository;
  readonly cwd: string;
}

/**
 * The paths of the project that a write to these paths would touch: relative to the root of the worktree they lie in, whichever worktree
 * of the repository that is, with what symbolic links lead to. What lies elsewhere, or in a git directory, is left out.
 */
export function projectPaths(
  standpoint: Standpoint,
  written: readonly string[],
): readonly string[] {
  return [...new Set(written.flatMap((path) => placesOf(standpoint, path)))].filter(isLeasable);
}

function placesOf({ repository, cwd }: Standpoint, path: string): readonly string[] {
  const absolute = resolve(cwd, path);
  const roots = new Set([absolute, whereItLeads(absolute)].flatMap((at) => rootOf(repository, at)));
  if (roots.size === 0) {
    roots.add(repository.root);
  }
  return [...roots].flatMap((root) => {
    const { literal, resolved } = placeOf({ root, cwd }, path);
    return [literal, resolved].flatMap((place) => place ?? []);
  });
}

/** The root of the worktree of this repository that a path lies in; none when it lies in another repository or in none. */
function rootOf({ root, commonDir }: Repository, path: string): readonly string[] {
  // Inside the git directory itself nothing is the project's.
  if (path.startsWith(`${commonDir}/`)) {
    return [];
  }
  const folder = whereItLeads(existingFolder(path));
  if (isPlainlyBelow(root, folder)) {
    return [root];
  }
  const found = locateRepository(folder);
  return found !== null && found.commonDir === commonDir ? [found.root] : [];
}

/** True when no other repository or worktree begins between a folder and the root: most edits, and cheap to see. */
export function isPlainlyBelow(root: string, folder: string): boolean {
  let at = folder;
  while (at.startsWith(`${root}/`) && !existsSync(join(at, ".git"))) {
    at = dirname(at);
  }
  return at === root;
}

/** The deepest folder above a path that exists. */
export function existingFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder)) {
    folder = dirname(folder);
  }
  return folder;
}

/** The root itself is no file, and what git keeps is its own. */
function isLeasable(path: string): boolean {
  return path !== "" && path !== ".git" && !path.startsWith(".git/");
}
