import { commitNamed, defaultBranch } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { rulesErrors } from "../../core/rules/index.ts";
import type { Snapshot } from "../../core/rules/index.ts";

/** Between which commits rules judge, with the branches' names where they have one. */
export type NamedRange = Pick<Snapshot, "base" | "head">;

/**
 * Reads `BRANCH`, `BASE..HEAD`, or nothing for what is checked out; a branch is judged against the default branch.
 *
 * @throws {SkeinError} SKN-1931 where no branch is there to judge against, SKN-5952 for an unknown commit.
 */
export async function readRange(git: Git, written: string | null): Promise<NamedRange> {
  const { base, head } = await namesIn(git, written ?? "");
  return {
    base: { ref: (await branchOf(git, base)) ?? base, sha: await commitNamed(git, base) },
    head: { ref: await branchOf(git, head), sha: await commitNamed(git, head), isFork: false },
  };
}

/** `...` means the same as `..`: the merge base is found anyway. */
async function namesIn(
  git: Git,
  written: string,
): Promise<{ readonly base: string; readonly head: string }> {
  const range = /^(.*?)\.{2,3}(.*)$/u.exec(written);
  const [, left = "", right = ""] = range ?? ["", "", written];
  return {
    base: left === "" ? await baseBranch(git) : left,
    head: right === "" ? "HEAD" : right,
  };
}

async function baseBranch(git: Git): Promise<string> {
  const branch = await defaultBranch(git);
  if (branch === null) {
    throw new SkeinError(rulesErrors.noRange, {
      message: "This repository has no default branch to judge against.",
    });
  }
  return branch;
}

/** The branch that a name stands for, without the remote's; null for a commit. */
async function branchOf(git: Git, name: string): Promise<string | null> {
  const args = [
    "rev-parse",
    "--symbolic-full-name",
    "--verify",
    "--quiet",
    "--end-of-options",
    name,
  ];
  const full = (await git.text(args, { okCodes: [0, 1, 128] })).split("\n").at(-1) ?? "";
  return /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/u.exec(full)?.[1] ?? null;
}
