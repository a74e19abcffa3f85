import type { Git } from "./git.ts";

export interface BranchMove {
  readonly branch: string;
  /** Where the branch must stand now, and where it shall go: a descendant. */
  readonly from: string;
  readonly to: string;
}

export type MoveOutcome =
  | { readonly kind: "moved" }
  | { readonly kind: "retry"; readonly detail: string };

/**
 * Moves a branch forward by compare-and-swap. A worktree in which it is checked out follows and keeps changes of files that the move does
 * not touch; changes of others stop the move.
 */
export async function moveBranch(git: Git, move: BranchMove): Promise<MoveOutcome> {
  const ref = `refs/heads/${move.branch}`;
  const places = (await worktrees(git)).filter((worktree) => worktree.ref === ref);
  const [place, another] = places;
  if (place === undefined) {
    return swapRef(git, ref, move);
  }
  if (another !== undefined) {
    return retry(`${move.branch} is checked out in ${String(places.length)} worktrees.`);
  }
  return moveWithWorktree(git, place.path, move);
}

async function swapRef(git: Git, ref: string, { from, to }: BranchMove): Promise<MoveOutcome> {
  const { exitCode } = await git.run(["update-ref", "-m", "skein: integrate", ref, to, from], {
    okCodes: [0, 1, 128],
  });
  return exitCode === 0 ? { kind: "moved" } : retry("The branch moved in the meantime.");
}

/**
 * A fast-forward is git's own way to move a branch and its files together, all of them or none: it keeps what is changed elsewhere, staged
 * or not, and refuses to overwrite a changed or an untracked file, be it one that git passes over: `init` has its own so.
 */
async function moveWithWorktree(
  git: Git,
  path: string,
  { branch, from, to }: BranchMove,
): Promise<MoveOutcome> {
  if ((await git.text(["rev-parse", "HEAD"], { cwd: path })) !== from) {
    return retry("The branch moved in the meantime.");
  }
  const { exitCode, stderr } = await git.run(
    ["merge", "--ff-only", "--quiet", "--no-autostash", "--no-overwrite-ignore", to],
    {
      cwd: path,
      okCodes: [0, 1, 2, 128],
    },
  );
  if (exitCode === 0) {
    return { kind: "moved" };
  }
  return retry(`Git would not update ${path}, where ${branch} is checked out: ${inTheWay(stderr)}`);
}

/** What git says is in the way, in our words with its names: it lists them below a sentence, each behind a tab. */
function inTheWay(stderr: string): string {
  const names = stderr
    .split("\n")
    .filter((line) => line.startsWith("\t"))
    .map((line) => line.slice(1));
  const more = names.length > mostNamed ? ` and ${String(names.length - mostNamed)} more` : "";
  const listed = names.length === 0 ? "" : ` (${names.slice(0, mostNamed).join(", ")}${more})`;
  return stderr.includes("untracked working tree file")
    ? `files that git does not track there have the names of files that come${listed}. Move them away, or take them out of the commit: files that \`skein init\` wrote for one machine belong in none.`
    : `changes of the same files are in the way${listed}. Commit or stash them there.`;
}

const mostNamed = 5;

function retry(detail: string): MoveOutcome {
  return { kind: "retry", detail };
}

interface Worktree {
  readonly path: string;
  /** The full ref that is checked out, or null when HEAD is detached. */
  readonly ref: string | null;
  readonly commit: string | null;
}

/** The worktrees of a repository that have files: not a bare main one, not one whose folder is gone. */
export async function worktrees(git: Git): Promise<readonly Worktree[]> {
  const text = await git.text(["worktree", "list", "--porcelain", "-z"]);
  return text
    .split("\0\0")
    .map((block) => block.split("\0"))
    .filter((lines) => !lines.some((line) => line === "bare" || line.startsWith("prunable")))
    .map((lines) => ({
      path: valueOf(lines, "worktree") ?? "",
      ref: valueOf(lines, "branch"),
      commit: valueOf(lines, "HEAD"),
    }))
    .filter(({ path }) => path !== "");
}

function valueOf(lines: readonly string[], key: string): string | null {
  return lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? null;
}
