import { AsyncLocalStorage } from "node:async_hooks";

const worktrees = new AsyncLocalStorage<string | null>();

/** Runs a call of another process of this machine: what its paths are, as a file or a folder, is looked up in its own worktree. Null: in this one's. */
export function inWorktree<T>(root: string | null, call: () => T): T {
  return worktrees.run(root, call);
}

/** The root of the worktree that a call is about; null where it did not say. */
export function currentWorktree(): string | null {
  return worktrees.getStore() ?? null;
}
