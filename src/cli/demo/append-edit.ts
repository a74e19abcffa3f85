import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { toRepoPath } from "../../adapters/git/index.ts";
import type { Edit } from "./work.ts";

/**
 * Writes an edit into a worktree, whose path is free of symbolic links. A plan and a repository may be anybody's: nothing is written outside
 * of it, by whatever way. @throws {SkeinError} SKN-8951.
 */
export function appendEdit(worktree: string, { path, text }: Edit): void {
  const file = join(worktree, toRepoPath({ root: worktree, cwd: worktree }, path).at(-1) ?? "");
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
}
