import { defineErrors } from "../../core/base/errors.ts";

/** The part of the error catalogue that speaks of git. */
export const gitErrors = defineErrors({
  gitFailed: {
    code: "SKN-0951",
    kind: "failed",
    title: "A git command failed.",
    cause: "Git ended with an error that Skein did not expect; its own words are among the facts.",
    fix: "Run the named git command by hand, mend what it says, and try again.",
  },
  gitMissing: {
    code: "SKN-2951",
    kind: "config",
    title: "Git is missing or too old.",
    cause: "Skein merges in memory with `git merge-tree --write-tree`, which came with git 2.38.",
    fix: "Install git 2.38 or newer and make sure that it is on the PATH.",
  },
  noCheck: {
    code: "SKN-2952",
    kind: "config",
    title: "There is no check of this name.",
    cause:
      "Checks are named in `skein.yml` as committed on the default branch; changes elsewhere do not count.",
    fix: "Add the check under `checks:` in skein.yml on the default branch and commit it.",
  },
  noRepository: {
    code: "SKN-5951",
    kind: "missing",
    title: "This folder is in no git repository.",
    cause: "Neither it nor a folder above it has a `.git`.",
    fix: "Go into a repository, or make one with `git init`; a server is asked from anywhere with `--url`, and runs anywhere over a database (`SKEIN_DATABASE_URL`).",
  },
  noRevision: {
    code: "SKN-5952",
    kind: "missing",
    title: "There is no such commit in this repository.",
    cause: "The commit was never made here, or it was made in another clone and not fetched.",
    fix: "Fetch or commit it, then name it by its full object name.",
  },
  noRemote: {
    code: "SKN-5956",
    kind: "missing",
    title: "There is no such remote to push to.",
    cause: "`github.remote` in skein.yml, by default `origin`, is none of this clone's remotes.",
    fix: "Add it with `git remote add NAME ADDRESS`, or name another one in `github.remote`.",
  },
  noBranch: {
    code: "SKN-5953",
    kind: "missing",
    title: "There is no such branch.",
    cause: "The integration branch is a local branch; this repository does not have it.",
    fix: "Create the branch, or name another one with `integration.branch` in skein.yml.",
  },
  pathEscapes: {
    code: "SKN-8951",
    kind: "unsafe",
    title: "The path leads out of the repository.",
    cause:
      "It is absolute, climbs with `..`, or goes through a symbolic link that points elsewhere.",
    fix: "Name a path inside the repository.",
  },
  badName: {
    code: "SKN-8952",
    kind: "unsafe",
    title: "This cannot be the name of a branch or a commit.",
    cause:
      "A name that begins with `-` would be read as an option, and git forbids some characters.",
    fix: "Give a plain branch name or a full object name.",
  },
  gitTimeout: {
    code: "SKN-9951",
    kind: "timeout",
    title: "A git command took too long and was stopped.",
    cause: "The repository is very large, its disk is slow, or another program holds a lock.",
    fix: "Try again when the machine is less busy.",
  },
  noPatch: {
    code: "SKN-5954",
    kind: "missing",
    title: "The patch file cannot be read.",
    cause: "There is no file of this name, or it is a folder, or it may not be read.",
    fix: "Name a file that `git diff BASE...HEAD > change.patch` wrote.",
  },
  noMergeBase: {
    code: "SKN-5955",
    kind: "missing",
    title: "The two sides have no commit in common.",
    cause: "Their histories are unrelated, or this clone is shallow and lacks the older commits.",
    fix: "Fetch the history with `git fetch --unshallow`, or name two commits as A..B.",
  },
});
