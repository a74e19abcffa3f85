import { withSubmodules } from "./changes.ts";
import type { Git } from "./git.ts";

/** Where to look for the work of a commit. */
export interface PatchSearch {
  readonly commit: string;
  /** The commit of the branch. */
  readonly head: string;
  readonly mergeBase: string;
}

/** Newest commits of the branch that are looked at. */
const searchedCommits = 500;

const plainDiff = [
  "-p",
  "--no-ext-diff",
  "--no-textconv",
  "--full-index",
  "--no-renames",
  withSubmodules,
];

/**
 * Finds the commit of the branch by which the work of `commit` is there under another name: one commit with the same whole change
 * (a squash merge), or for each of its commits one with the same change (a rebase; then the newest of those is given).
 */
export async function findPatch(git: Git, search: PatchSearch): Promise<string | null> {
  const { commit, head, mergeBase } = search;
  const onBranch = await patchesOf(git, await logOf(git, mergeBase, head));
  if (onBranch.length === 0) {
    return null;
  }
  const whole = await wholePatch(git, mergeBase, commit);
  const squash = onBranch.find(({ patch }) => patch === whole);
  const found =
    squash?.commit ??
    rebasedCommit(onBranch, await patchesOf(git, await logOf(git, mergeBase, commit)));
  return found !== null && (await hasSameBinaries(git, search, found)) ? found : null;
}

interface Patch {
  readonly patch: string;
  readonly commit: string;
}

/** Newest first, as both lists are. */
function rebasedCommit(onBranch: readonly Patch[], own: readonly Patch[]): string | null {
  const wanted = new Set(own.map(({ patch }) => patch));
  const there = onBranch.filter(({ patch }) => wanted.has(patch));
  const isComplete =
    own.length > 0 && new Set(there.map(({ patch }) => patch)).size === wanted.size;
  return isComplete ? (there[0]?.commit ?? null) : null;
}

async function logOf(git: Git, from: string, to: string): Promise<string> {
  return git.text([
    "log",
    "--no-merges",
    `--max-count=${String(searchedCommits)}`,
    ...plainDiff,
    to,
    `^${from}`,
    "--",
  ]);
}

async function patchesOf(git: Git, log: string): Promise<readonly Patch[]> {
  const text = await git.text(["patch-id", "--stable"], { input: `${log}\n` });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [patch = "", commit = ""] = line.split(" ");
      return { patch, commit };
    });
}

async function wholePatch(git: Git, from: string, to: string): Promise<string | null> {
  const diff = await git.text(["diff", ...plainDiff, from, to, "--"]);
  const [found] = await patchesOf(git, diff);
  return found?.patch ?? null;
}

/** Patch ids say little about binary files: their bytes must be the same. */
async function hasSameBinaries(git: Git, search: PatchSearch, found: string): Promise<boolean> {
  const { mergeBase, commit } = search;
  const counts = await git.text([
    "diff",
    "--numstat",
    "-z",
    "--no-renames",
    mergeBase,
    commit,
    "--",
  ]);
  const binaries = counts
    .split("\0")
    .filter((line) => line.startsWith("-\t-\t"))
    .map((line) => `:(literal)${line.slice(4)}`);
  if (binaries.length === 0) {
    return true;
  }
  const { exitCode } = await git.run(["diff", "--quiet", found, commit, "--", ...binaries], {
    okCodes: [0, 1],
  });
  return exitCode === 0;
}
