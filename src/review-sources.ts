import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Git } from "./adapters/git/index.ts";
import type { Change, Instruction } from "./core/review/index.ts";

/** More instructions than these are not looked for: a change over hundreds of folders would start as many processes. */
const mostInstructions = 100;

/** Reads files as they stand on the change's base; of a patch, whose base nobody knows, on HEAD. */
export async function readBase(
  git: Git,
  change: Change,
  paths: readonly string[],
): Promise<readonly Instruction[]> {
  const revision = change.base ?? "HEAD";
  const listed = await git.text(
    ["ls-tree", "--name-only", "-z", revision, "--", ...paths.slice(0, mostInstructions)],
    { okCodes: [0, 128] },
  );
  const found: Instruction[] = [];
  for (const path of listed.split("\0").filter((name) => paths.includes(name))) {
    found.push({ path, text: await git.text(["cat-file", "blob", `${revision}:${path}`]) });
  }
  return found;
}

/** Tells which paths exist on the change's head; of a worktree or a patch, whose head is no commit, in the worktree. */
export async function pathsOf(
  git: Git,
  { head }: Change,
  root: string,
): Promise<(path: string) => boolean> {
  if (head === null) {
    return (path) => existsSync(join(root, path));
  }
  const listed = await git.text(["ls-tree", "-r", "--full-tree", "--name-only", "-z", head]);
  const paths = new Set(listed.split("\0"));
  return (path) => paths.has(path);
}
