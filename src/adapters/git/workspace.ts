import { SkeinError } from "../../core/base/errors.ts";
import type {
  CheckResult,
  IntegrateRequest,
  IntegrateResult,
  Workspace,
} from "../../core/integration/index.ts";
import { moveBranch } from "./branch.ts";
import { runCheckAt } from "./checks.ts";
import type { CheckCommand } from "./checks.ts";
import { readCommitted } from "./committed.ts";
import { gitErrors } from "./errors.ts";
import { withSubmodules } from "./changes.ts";
import { createGit } from "./git.ts";
import type { Git } from "./git.ts";
import { mergeOnto, rebaseOnto } from "./merging.ts";
import { findPatch } from "./patches.ts";

export interface WorkspaceDeps {
  /** The top of any worktree of the repository. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the named commands out of the text of a `skein.yml`. */
  readonly parseChecks: (text: string, file: string) => Promise<ReadonlyMap<string, CheckCommand>>;
}

/** The repository as integration sees it, over the `git` program. */
export function createWorkspace({ root, env, parseChecks }: WorkspaceDeps): Workspace {
  const git = createGit({ cwd: root, env });

  async function runCheck(name: string, commit: string): Promise<CheckResult> {
    const commands = await committedChecks(git, parseChecks);
    const command = commands.get(name);
    if (command === undefined) {
      throw new SkeinError(gitErrors.noCheck, {
        message: `skein.yml on the default branch names no check ${JSON.stringify(name)}.`,
        facts: { check: name, checks: [...commands.keys()] },
      });
    }
    return runCheckAt(git, { name, command, commit: await commitOf(git, commit), env });
  }

  return {
    resolve: async (revision) => resolveCommit(git, revision),
    isAncestor: async (commit, branch) =>
      isAncestor(git, await commitOf(git, commit), await headOf(git, branch)),
    findSamePatch: async (commit, branch) => {
      const own = await commitOf(git, commit);
      const head = await headOf(git, branch);
      const mergeBase = await mergeBaseOf(git, own, head);
      return mergeBase === null ? null : findPatch(git, { commit: own, head, mergeBase });
    },
    changedPaths: async (commit, branch) => {
      const own = await commitOf(git, commit);
      const head = await headOf(git, branch);
      return pathsBetween(git, (await mergeBaseOf(git, own, head)) ?? head, own);
    },
    integrate: async (request) => integrate(git, request, runCheck),
    runCheck,
  };
}

type RunCheck = (name: string, commit: string) => Promise<CheckResult>;

async function integrate(
  git: Git,
  request: IntegrateRequest,
  runCheck: RunCheck,
): Promise<IntegrateResult> {
  const onto = await headOf(git, request.branch);
  const commit = await commitOf(git, request.commit);
  if (await isAncestor(git, commit, onto)) {
    return { kind: "already", commit };
  }
  const mergeBase = await mergeBaseOf(git, commit, onto);
  if (mergeBase === null) {
    const detail = `The commit shares no history with ${request.branch}.`;
    return { kind: "conflict", files: [], detail };
  }
  const put = request.method === "merge" ? mergeOnto : rebaseOnto;
  const made = await put(git, { onto, commit, message: request.message });
  if (made.kind === "conflict") {
    // A squash of several commits conflicts with the first of them: it is there all the same.
    const there = await findPatch(git, { commit, head: onto, mergeBase });
    return there === null ? made : { kind: "already", commit: there };
  }
  if (made.commit === onto) {
    return { kind: "already", commit: onto };
  }
  for (const name of request.checks) {
    const check = await runCheck(name, made.commit);
    if (!check.passed) {
      return { kind: "check-failed", check };
    }
  }
  const move = { branch: request.branch, from: onto, to: made.commit };
  const moved = await moveBranch(git, move);
  return moved.kind === "moved" ? { kind: "integrated", commit: made.commit } : moved;
}

/** A ref name as git allows it, or an object name; never something that git would read as an option. */
function checkName(name: string): string {
  const isPlain = /^[^-\s~^:?*[\\\p{Cc}][^\s~^:?*[\\\p{Cc}]{0,255}$/u.test(name);
  if (!isPlain || name.includes("..") || name.includes("@{")) {
    throw new SkeinError(gitErrors.badName, {
      message: `${JSON.stringify(name)} cannot be the name of a branch or a commit.`,
      facts: { name },
    });
  }
  return name;
}

async function resolveCommit(git: Git, revision: string): Promise<string | null> {
  const { exitCode, stdout } = await git.run(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${checkName(revision)}^{commit}`],
    { okCodes: [0, 1, 128] },
  );
  return exitCode === 0 ? stdout.trim() : null;
}

async function commitOf(git: Git, revision: string): Promise<string> {
  const commit = await resolveCommit(git, revision);
  if (commit === null) {
    throw new SkeinError(gitErrors.noRevision, {
      message: `This repository has no commit ${JSON.stringify(revision)}.`,
      facts: { commit: revision },
    });
  }
  return commit;
}

async function headOf(git: Git, branch: string): Promise<string> {
  const commit = await resolveCommit(git, `refs/heads/${checkName(branch)}`);
  if (commit === null) {
    throw new SkeinError(gitErrors.noBranch, {
      message: `This repository has no local branch ${JSON.stringify(branch)}.`,
      facts: { branch },
    });
  }
  return commit;
}

async function isAncestor(git: Git, commit: string, head: string): Promise<boolean> {
  const { exitCode } = await git.run(["merge-base", "--is-ancestor", commit, head], {
    okCodes: [0, 1],
  });
  return exitCode === 0;
}

async function mergeBaseOf(git: Git, left: string, right: string): Promise<string | null> {
  const { exitCode, stdout } = await git.run(["merge-base", left, right], { okCodes: [0, 1] });
  return exitCode === 0 ? stdout.trim() : null;
}

/** Without rename detection each rename is a deletion and an addition: both sides. */
async function pathsBetween(git: Git, from: string, to: string): Promise<readonly string[]> {
  const text = await git.text([
    "diff",
    "--name-only",
    "-z",
    "--no-renames",
    withSubmodules,
    from,
    to,
    "--",
  ]);
  return text.split("\0").filter((path) => path !== "");
}

const settingsFiles = ["skein.yml", ".github/skein.yml"];

/** Only what is committed on the default branch may name commands: never a worktree's or a task's own version. */
async function committedChecks(
  git: Git,
  parseChecks: WorkspaceDeps["parseChecks"],
): Promise<ReadonlyMap<string, CheckCommand>> {
  const found = await readCommitted(git, settingsFiles);
  return found === null ? new Map() : parseChecks(found.text, found.file);
}
