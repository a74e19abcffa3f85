import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Git } from "./git.ts";

/** A commit's files in a folder of their own, for as long as some work lasts. */
export interface Checkout {
  /** The top of the worktree. */
  readonly root: string;
  /** A folder beside it, which goes with it. */
  readonly folder: string;
}

/** Checks a commit out into a temporary worktree, which is removed with all that was made in it. */
export async function withCheckout<T>(
  git: Git,
  commit: string,
  work: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "skein-check-"));
  const root = join(folder, "worktree");
  try {
    await git.run(["worktree", "add", "--quiet", "--detach", root, commit]);
    return await work({ root, folder });
  } finally {
    await git.run(["worktree", "remove", "--force", root], { okCodes: [0, 128] });
    await rm(folder, { recursive: true, force: true });
  }
}
