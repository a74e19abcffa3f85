import { defaultBranch } from "./default-branch.ts";
import type { Git } from "./git.ts";

/** A file as committed. */
export interface CommittedFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the first of some files that is committed on the default branch; null when none is. What a worktree or a task's branch has in its
 * place does not count: an agent could have written it.
 */
export async function readCommitted(
  git: Git,
  files: readonly string[],
): Promise<CommittedFile | null> {
  const branch = await defaultBranch(git);
  for (const file of branch === null ? [] : files) {
    const { exitCode, stdout } = await git.run(
      ["cat-file", "blob", `refs/heads/${branch ?? ""}:${file}`],
      { okCodes: [0, 128] },
    );
    if (exitCode === 0) {
      return { file, text: stdout };
    }
  }
  return null;
}
