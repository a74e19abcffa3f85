import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";

/** Where git runs one of its hooks. */
export interface HookPlace {
  /** The repository that is committed to, or pushed from. */
  readonly repository: Repository;
  /** False: its files were taken from a folder that is not the worktree it is committed in, as `GIT_DIR` with `GIT_WORK_TREE` has it. */
  readonly isWorktree: boolean;
}

/**
 * Finds the repository that a hook is run for. Git says in `GIT_DIR` which one it means wherever that is not told by the folder alone, and an
 * agent can say so as well: what lies around the folder may be another repository, another worktree of this one with a branch of its own, or none.
 */
export function hookPlaceOf(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): HookPlace | null {
  const around = locateRepository(cwd);
  const gitDir = env["GIT_DIR"] ?? "";
  if (gitDir === "") {
    return around && { repository: around, isWorktree: true };
  }
  const meant = locateRepository(resolve(cwd, gitDir));
  if (around !== null && meant !== null && realGitDir(meant) === realGitDir(around)) {
    return { repository: around, isWorktree: true };
  }
  // Git runs no hook of what is no repository to it: one that is none to us is not passed over.
  const repository = meant ?? around;
  return repository && { repository, isWorktree: false };
}

/** `.git` may be a link. */
function realGitDir({ gitDir }: Repository): string {
  return realpathSync.native(gitDir);
}
