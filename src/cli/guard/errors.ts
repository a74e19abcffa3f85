import { defineErrors } from "../../core/base/errors.ts";

/** Why the guard stops a commit or a push of an agent. */
export const guardErrors = defineErrors({
  usage: {
    code: "SKN-1961",
    kind: "usage",
    title: "The guard is called by git.",
    cause: "It takes the name of a git hook and what git gives to that hook.",
    fix: "Run `skein guard pre-commit`, `skein guard commit-msg FILE` or `skein guard pre-push REMOTE URL`.",
  },
  foreignPaths: {
    code: "SKN-4961",
    kind: "conflict",
    title: "Other sessions hold paths of this commit.",
    cause: "A path that another session holds changes only with that session's commits.",
    fix: "Commit your own paths alone, and ask the holders for the others.",
  },
  staleBase: {
    code: "SKN-4962",
    kind: "conflict",
    title: "This branch lacks work that the task builds on.",
    cause: "The task depends on, or changes the same paths as, work that was integrated since.",
    fix: "Merge the named commits into this branch, then commit again.",
  },
  staleFence: {
    code: "SKN-4963",
    kind: "conflict",
    title: "A pushed commit was made under a claim that is over.",
    cause: "The task went to another session, so this work would land beside that session's.",
    fix: "Leave those commits on a branch of their own, and call next_task for other work.",
  },
  protectedBranch: {
    code: "SKN-8961",
    kind: "unsafe",
    title: "Agents do not change this branch.",
    cause: "`branches` in skein.yml says on which branches agents work.",
    fix: "Work on a branch of your own; `skein integrate` brings it in.",
  },
  strayWorktree: {
    code: "SKN-8962",
    kind: "unsafe",
    title: "The files of this commit do not lie in the worktree that it is made in.",
    cause:
      "`GIT_DIR` names another repository, or another worktree, than the one around the files, so that nobody can look at what changes there.",
    fix: "Commit in the worktree around the files, without `GIT_DIR`: `git worktree add` makes one.",
  },
  cannotCheck: {
    code: "SKN-7961",
    kind: "unavailable",
    title: "The guard could not look at the ledger.",
    cause: "The store cannot be opened, so nobody can tell who holds the paths of this commit.",
    fix: "Run `skein doctor`, mend what it names, then try again.",
  },
});
