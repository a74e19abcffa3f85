import { existsSync } from "node:fs";
import { join } from "node:path";

import { defaultBranch } from "./adapters/git/index.ts";
import type { ChangeRequest, Git } from "./adapters/git/index.ts";
import type { Change, Instruction } from "./core/review/index.ts";

/** What a review asks of the repository besides the change itself. */
export interface ReviewSources {
  /** Tells which paths exist on the change's head. */
  readonly pathsOf: (change: Change) => Promise<(path: string) => boolean>;
  /** Files as they stand on the change's base. */
  readonly readBase: (change: Change, paths: readonly string[]) => Promise<readonly Instruction[]>;
}

/** A change that somebody sent, with what a review asks of its repository. What it says is its sender's word. */
export interface SentChange {
  readonly change: Change;
  /** Reviews of one subject know each other's findings. */
  readonly subject: string;
  /** Of the base. */
  readonly instructions: readonly Instruction[];
  /** Of the head: the lock files. */
  readonly lockFiles: readonly string[];
}

export function sourcesIn(git: Git, root: string): ReviewSources {
  return {
    pathsOf: async (change) => pathsOf(git, change, root),
    readBase: async (change, paths) => readBase(git, change, paths),
  };
}

export function sourcesOf({ instructions, lockFiles }: SentChange): ReviewSources {
  const known = new Set(lockFiles);
  return {
    pathsOf: async () => Promise.resolve((path) => known.has(path)),
    readBase: async (_, paths) =>
      Promise.resolve(instructions.filter(({ path }) => paths.includes(path))),
  };
}

/** What is reviewed, and the name under which its reviews know each other's findings. */
export interface ReviewTarget {
  readonly change: ChangeRequest;
  readonly subject: string;
}

/** What somebody wants reviewed; null: what HEAD adds to the default branch. */
export async function targetOf(
  git: Git,
  wanted: ChangeRequest | null,
  branch: string | null,
): Promise<ReviewTarget> {
  const base = wanted === null ? ((await defaultBranch(git)) ?? "HEAD") : "";
  const change: ChangeRequest = wanted ?? { kind: "branch", base };
  switch (change.kind) {
    case "branch":
      return { change, subject: `branch:${branch ?? "HEAD"}` };
    case "worktree":
      return { change, subject: `worktree:${branch ?? "HEAD"}` };
    case "range":
      return { change, subject: `range:${change.range}` };
    case "patch":
      return { change, subject: `patch:${change.file}` };
    default:
      return change satisfies never;
  }
}

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
