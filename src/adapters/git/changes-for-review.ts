import { readFileSync, statSync } from "node:fs";

import { SkeinError } from "../../core/base/errors.ts";
import { diffErrors, maxDiffBytes, parseDiff } from "../../core/review/index.ts";
import type { Change } from "../../core/review/index.ts";
import { gitErrors } from "./errors.ts";
import type { Git } from "./git.ts";
import { diffTrees, snapshotWorktree, withScratch } from "./tree-diff.ts";

/** What to review. */
export type ChangeRequest =
  /** `A..B`: from A to B. `A...B`: from their merge base to B. A missing side is HEAD. */
  | { readonly kind: "range"; readonly range: string }
  /** From the merge base with `base` to `head`, or to HEAD. */
  | { readonly kind: "branch"; readonly base: string; readonly head?: string | undefined }
  /** From HEAD to the files as they are: staged, unstaged and untracked, without ignored ones. */
  | { readonly kind: "worktree" }
  /** A unified diff in a file. */
  | { readonly kind: "patch"; readonly file: string };

/**
 * Reads the change that is to be reviewed, from local objects alone. Committed attributes do not count, so that a change cannot declare its
 * own code binary.
 *
 * @throws {SkeinError} SKN-5952 for an unknown revision, SKN-5955 without a merge base, SKN-5954 for a patch file that cannot be read,
 *   SKN-1861 to SKN-1863 for a diff that cannot.
 */
export async function readChange(git: Git, request: ChangeRequest): Promise<Change> {
  const { base, head, diff } = await readDiff(git, request);
  return { base, head, files: parseDiff(diff) };
}

/** A change as git writes it. */
export interface DiffText extends Pick<Change, "base" | "head"> {
  /** A unified diff. */
  readonly diff: string;
}

/** As `readChange`, the diff as its text. @throws {SkeinError} SKN-5952, SKN-5954, SKN-5955. */
export async function readDiff(git: Git, request: ChangeRequest): Promise<DiffText> {
  switch (request.kind) {
    case "range":
      return rangeChange(git, request.range);
    case "branch":
      return mergeBaseChange(git, request.base, request.head ?? "HEAD");
    case "worktree":
      return worktreeChange(git);
    case "patch":
      return { base: null, head: null, diff: readPatch(request.file) };
  }
}

async function rangeChange(git: Git, range: string): Promise<DiffText> {
  const match = /^(.*?)(\.{2,3})(.*)$/u.exec(range);
  if (match === null) {
    throw noRevision(range, "Name a range as A..B or A...B.");
  }
  const [, left = "", dots, right = ""] = match;
  const [from, to] = [left === "" ? "HEAD" : left, right === "" ? "HEAD" : right];
  if (dots === "...") {
    return mergeBaseChange(git, from, to);
  }
  return changeBetween(git, await commitOf(git, from), await commitOf(git, to));
}

async function mergeBaseChange(git: Git, base: string, head: string): Promise<DiffText> {
  const [from, to] = [await commitOf(git, base), await commitOf(git, head)];
  const { exitCode, stdout } = await git.run(["merge-base", from, to], { okCodes: [0, 1] });
  if (exitCode !== 0) {
    throw new SkeinError(gitErrors.noMergeBase, {
      message: `${base} and ${head} have no commit in common.`,
    });
  }
  return changeBetween(git, stdout.trim(), to);
}

async function changeBetween(git: Git, base: string, head: string): Promise<DiffText> {
  const diff = await withScratch((scratch) => diffTrees(git, { base, head, scratch }));
  return { base, head, diff };
}

async function worktreeChange(git: Git): Promise<DiffText> {
  const commit = await headCommit(git);
  const base = commit ?? (await git.text(["hash-object", "-t", "tree", "--stdin"]));
  const diff = await withScratch(async (scratch) => {
    const { tree, env } = await snapshotWorktree(git, scratch);
    return diffTrees(git, { base, head: tree, scratch, env });
  });
  return { base: commit, head: null, diff };
}

async function headCommit(git: Git): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
  const commit = await git.text(args, { okCodes: [0, 1] });
  return commit === "" ? null : commit;
}

async function commitOf(git: Git, revision: string): Promise<string> {
  const commit = await findCommit(git, revision);
  if (commit !== null) {
    return commit;
  }
  // A fresh clone has no branch of its own but one.
  const remote = `origin/${revision}`;
  const isThere = (await findCommit(git, `refs/remotes/${remote}`)) !== null;
  throw noRevision(revision, isThere ? `There is "${remote}": name that.` : undefined);
}

async function findCommit(git: Git, revision: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const commit = await git.text(args, { okCodes: [0, 1, 128] });
  return /^[0-9a-f]{40,64}$/u.test(commit) ? commit : null;
}

function noRevision(revision: string, fix: string | undefined): SkeinError {
  const message = `There is no commit ${JSON.stringify(revision.slice(0, 200))}.`;
  return new SkeinError(gitErrors.noRevision, { message, fix });
}

function readPatch(file: string): string {
  try {
    const stats = statSync(file);
    if (stats.size > maxDiffBytes) {
      throw new SkeinError(diffErrors.diffTooLarge);
    }
    // A device has no end, and a pipe that nobody writes to keeps the process from ending.
    if (!stats.isFile()) {
      throw new Error("it is no plain file");
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof SkeinError) {
      throw error;
    }
    throw new SkeinError(gitErrors.noPatch, {
      message: `The patch file ${JSON.stringify(file)} cannot be read.`,
      cause: error,
    });
  }
}
