import { commitNamed, defaultBranch } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { rulesErrors } from "../../core/rules/index.ts";
import type { Snapshot } from "../../core/rules/index.ts";

/** Between which commits rules judge, with the branches' names where they have one. */
export type NamedRange = Pick<Snapshot, "base" | "head">;

/**
 * Reads `BRANCH`, `BASE..HEAD`, the number of a pull request that was fetched, or nothing for what is checked out; a branch is judged against the default branch.
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

/** A pull request by its number, as its head is kept by who fetches `refs/pull/N/head`. */
const pullNumber = /^#?([1-9]\d{0,9})$/u;

/** `...` means the same as `..`: the merge base is found anyway. */
async function namesIn(
  git: Git,
  written: string,
): Promise<{ readonly base: string; readonly head: string }> {
  const pull = pullNumber.exec(written)?.[1];
  if (pull !== undefined) {
    return { base: await baseBranch(git), head: await pullHead(git, pull) };
  }
  const range = /^(.*?)\.{2,3}(.*)$/u.exec(written);
  const [, left = "", right = ""] = range ?? ["", "", written];
  return {
    base: left === "" ? await baseBranch(git) : left,
    head: right === "" ? "HEAD" : right,
  };
}

/** Nothing is fetched: rules are explained offline. */
async function pullHead(git: Git, pull: string): Promise<string> {
  const places = [
    `refs/pull/${pull}/head`,
    `refs/remotes/origin/pull/${pull}/head`,
    `refs/remotes/origin/pr/${pull}`,
  ];
  for (const place of places) {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${place}^{commit}`];
    if ((await git.text(args, { okCodes: [0, 1, 128] })) !== "") {
      return place;
    }
  }
  throw new SkeinError(rulesErrors.noRange, {
    message: `The head of pull request ${pull} is not in this clone.`,
    fix: `Run \`git fetch origin refs/pull/${pull}/head:refs/pull/${pull}/head\` first.`,
    facts: { pull: Number(pull) },
  });
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
