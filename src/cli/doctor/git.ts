import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { worktrees } from "../../adapters/git/branch.ts";
import { createGit, locateRepository } from "../../adapters/git/index.ts";
import { findHookPlace, guardHooks } from "../init/git-hooks.ts";
import { missingPrograms } from "./commands.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at the git hooks and the worktrees. */
export async function examineRepository(patient: Patient): Promise<readonly Finding[]> {
  return [...(await examineHooks(patient)), ...(await examineWorktrees(patient))];
}

async function examineHooks({ repository, env }: Patient): Promise<readonly Finding[]> {
  const git = createGit({ cwd: repository.root, env });
  const { kind, folder } = await findHookPlace(git, repository);
  if (kind === "outside") {
    return [
      trouble("warn", "git-hooks-outside", {
        what: `Git runs its hooks from ${folder}, outside of this repository.`,
        why: "Skein does not write there, so commits are not checked.",
        fix: "Call `skein guard pre-commit`, `commit-msg` and `pre-push` from the hooks there, or unset core.hooksPath.",
      }),
    ];
  }
  return guardHooks.map((hook) => examineHook(join(folder, hook), hook));
}

function examineHook(path: string, hook: string): Finding {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (!text.includes(`guard ${hook}`)) {
    return trouble("fail", "git-hook-missing", {
      what: `The git hook ${hook} does not ask Skein.`,
      why: "Then nothing stops a commit of files that another agent holds.",
      fix: "skein init --yes",
    });
  }
  if (process.platform !== "win32" && (statSync(path).mode & 0o100) === 0) {
    return trouble("fail", "git-hook-mode", {
      what: `The git hook ${hook} is not executable.`,
      why: "Git skips it without a word.",
      fix: `chmod 755 ${path}`,
      mend: async () => {
        chmodSync(path, 0o755);
      },
    });
  }
  const [missing] = missingPrograms(text);
  return missing === undefined
    ? fine("git-hook", `The git hook ${hook} asks Skein.`)
    : trouble("fail", "git-hook-command", {
        what: `The git hook ${hook} calls ${missing}, which is not there.`,
        why: "Node or Skein was moved or removed since `skein init`.",
        fix: "skein init --yes",
      });
}

async function examineWorktrees({ repository, env }: Patient): Promise<readonly Finding[]> {
  const all = await worktrees(createGit({ cwd: repository.root, env }));
  const strange = all.filter(
    ({ path }) => locateRepository(path)?.commonDir !== repository.commonDir,
  );
  return strange.length === 0
    ? [fine("worktrees", `All ${String(all.length)} worktrees see the same board.`)]
    : strange.map(({ path }) =>
        trouble("fail", "worktree-apart", {
          what: `The worktree ${path} does not see this board.`,
          why: "Its `.git` names another repository, so its agents are not coordinated with these.",
          fix: "git worktree repair",
        }),
      );
}
