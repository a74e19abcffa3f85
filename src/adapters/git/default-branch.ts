import type { Git } from "./git.ts";

/**
 * Names the repository's default branch: what `origin` says, if there is a local branch of this name; else the first of
 * `init.defaultBranch`, `main` and `master` that exists; else the branch of the main worktree. Null when there is no branch at all.
 */
export async function defaultBranch(git: Git): Promise<string | null> {
  const remote = await quiet(git, ["symbolic-ref", "--short", "refs/remotes/origin/HEAD"]);
  const configured = await quiet(git, ["config", "--get", "init.defaultBranch"]);
  const names = [remote.replace(/^origin\//u, ""), configured, "main", "master"];
  for (const name of names) {
    if (name !== "" && (await exists(git, name))) {
      return name;
    }
  }
  const common = await git.text(["rev-parse", "--git-common-dir"]);
  const head = await quiet(git, [`--git-dir=${common}`, "symbolic-ref", "--short", "HEAD"]);
  return head === "" ? null : head;
}

async function exists(git: Git, branch: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  return (await quiet(git, ["rev-parse", "--verify", "--quiet", "--end-of-options", ref])) !== "";
}

async function quiet(git: Git, args: readonly string[]): Promise<string> {
  return git.text(args, { okCodes: [0, 1, 128] });
}
