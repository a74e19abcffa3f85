import { worktrees } from "../../adapters/git/branch.ts";
import type { Git, Repository } from "../../adapters/git/index.ts";
import { realOf } from "./apply.ts";
import { isWithin } from "./is-within.ts";

/** A file of this repository that `init` may write, by whom it serves. */
export type Owner =
  /** Git's own folder, or a path that is read for every worktree. */
  | { readonly kind: "shared" }
  | { readonly kind: "worktree"; readonly root: string }
  /** Its worktree is gone. */
  | { readonly kind: "nobody" };

/** Where the files of a clone are. */
export interface Ground {
  /** Tops of its worktrees, through no link: the one at hand, then all of them. */
  readonly roots: readonly string[];
  readonly commonDir: string;
}

/** Finds the worktrees around a repository; those whose folder is gone are none. */
export async function groundOf(git: Git, { root, commonDir }: Repository): Promise<Ground> {
  const found = (await worktrees(git)).map(({ path }) => realOf(path));
  return { roots: [...new Set([realOf(root), ...found])], commonDir };
}

/** The innermost worktree around a path: one may lie in another. */
export function ownerOf(path: string, { roots, commonDir }: Ground): Owner {
  if (isWithin(commonDir, path)) {
    return { kind: "shared" };
  }
  const around = roots.filter((root) => isWithin(root, path));
  const root = around.toSorted((one, other) => other.length - one.length)[0];
  return root === undefined ? { kind: "nobody" } : { kind: "worktree", root };
}
