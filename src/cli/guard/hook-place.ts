import { resolve } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";

/** Where git runs one of its hooks. */
export interface HookPlace {
  /** The repository that is committed to, or pushed from. */
  readonly repository: Repository;
  /** False: its files were taken from a folder that is no worktree of it, as `GIT_DIR` with `GIT_WORK_TREE` has it. */
  readonly isWorktree: boolean;
}

/**
 * Finds the repository that a hook is run for. Git says in `GIT_DIR` which one it means wherever that is not told by the folder alone, and an
 * agent can say so as well: what lies around the folder may be another repository, or none.
 */
export function hookPlaceOf(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): HookPlace | null {
  const around = locateRepository(cwd);
  const gitDir = env["GIT_DIR"] ?? "";
  const meant = gitDir === "" ? around : locateRepository(resolve(cwd, gitDir));
  if (meant === null || meant.commonDir === around?.commonDir) {
    return around === null ? null : { repository: around, isWorktree: true };
  }
  return { repository: meant, isWorktree: false };
}
