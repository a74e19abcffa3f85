import { worktrees } from "../../adapters/git/branch.ts";
import { createGit, locateRepository } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { examineHooks } from "./git-hooks.ts";
import { counted } from "../counted.ts";

/** Looks at the git hooks and the worktrees. */
export async function examineRepository(patient: Patient): Promise<readonly Finding[]> {
  return [...(await examineHooks(patient)), ...(await examineWorktrees(patient))];
}

async function examineWorktrees({ repository, env }: Patient): Promise<readonly Finding[]> {
  const git = createGit({ cwd: repository.root, env });
  const all = await worktrees(git);
  const strange = all.filter(
    ({ path }) => locateRepository(path)?.commonDir !== repository.commonDir,
  );
  const gone = await goneWorktrees(git);
  return [
    ...(strange.length === 0
      ? [fine("worktrees", seeingOneBoard(all.length))]
      : strange.map(({ path }) => apart(path))),
    ...gone.map(goneWorktree),
  ];
}

function seeingOneBoard(count: number): string {
  return count === 1
    ? "The one worktree sees this board."
    : `All ${counted(count, "worktree")} see the same board.`;
}

function apart(path: string): Finding {
  return trouble("fail", "worktree-apart", {
    what: `The worktree ${path} does not see this board.`,
    why: "Its `.git` names another repository, so its agents are not coordinated with these.",
    fix: "git worktree repair",
  });
}

function goneWorktree(path: string): Finding {
  return trouble("note", "worktree-gone", {
    what: `Git still lists the worktree ${path}, whose folder is gone.`,
    why: "Its branch counts as checked out, so that no other worktree can take it; one that was moved sees no board.",
    fix: "Where it was moved: git worktree repair NEW-PLACE. Where it was removed: git worktree prune.",
  });
}

/** Entries that git itself would take away. */
async function goneWorktrees(git: Git): Promise<readonly string[]> {
  const text = await git.text(["worktree", "list", "--porcelain", "-z"]);
  return text
    .split("\0\0")
    .map((block) => block.split("\0"))
    .filter((lines) => lines.some((line) => line.startsWith("prunable")))
    .flatMap((lines) => lines.find((line) => line.startsWith("worktree "))?.slice(9) ?? []);
}
