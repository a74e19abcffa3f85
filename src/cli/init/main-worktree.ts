import { dirname } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";

/** The top of the main worktree that belongs to a linked one; the folder itself where there is none, as beside a bare repository. */
export function mainWorktreeOf(root: string): string {
  const repository = locateRepository(root);
  if (repository === null || !repository.isWorktree) {
    return root;
  }
  const folder = dirname(repository.commonDir);
  const main = locateRepository(folder);
  return main === null || main.isBare || main.root !== folder ? root : folder;
}
