import { diffOf, lineAt, movedLine } from "./diff.ts";
import type { FileDiff } from "./diff.ts";
import { commitOf, git, mergeBaseOf, tryGit } from "./git-store.ts";
import { repositoryNamed } from "./state.ts";
import type { Anchor, Hub, Pull, Repository, ReviewComment } from "./state.ts";

/** What changes against the base where the two parted. */
export async function pullDiff(
  repository: Repository,
  pull: Pull,
  commit = pull.headSha,
): Promise<readonly FileDiff[]> {
  const base = await pullMergeBase(repository, pull, commit);
  return diffOf(repository.gitDir, { from: base, to: commit });
}

export async function pullMergeBase(
  { gitDir }: Repository,
  pull: Pull,
  commit = pull.headSha,
): Promise<string> {
  return (await mergeBaseOf(gitDir, pull.baseSha, commit)) ?? pull.baseSha;
}

/** The commits of a pull request, oldest first. */
export async function pullCommits({ gitDir }: Repository, pull: Pull): Promise<readonly string[]> {
  const range = `${pull.baseSha}..${pull.headSha}`;
  const text = await git(gitDir, ["rev-list", "--reverse", "--topo-order", range]);
  return text === "" ? [] : text.split("\n");
}

/**
 * Brings all open pull requests to what their branches hold now: head, `refs/pull/N/head`, `refs/pull/N/merge`, and the lines that
 * comments stand on. Called after every push, over git or REST.
 */
export async function syncPulls(hub: Hub, pushed: Repository): Promise<void> {
  for (const repository of hub.repositories.values()) {
    for (const pull of repository.pulls.values()) {
      const isOpen = repository.issues.get(pull.number)?.state === "open";
      const isTouched = repository === pushed || pull.headRepository === pushed.fullName;
      if (isOpen && isTouched) {
        await syncPull(hub, repository, pull);
      }
    }
  }
}

/** Copies the head of a pull request into the repository and names it. */
export async function fetchHead(
  hub: Hub,
  repository: Repository,
  head: { readonly repository: string; readonly ref: string; readonly number: number },
): Promise<string | null> {
  const from = repositoryNamed(hub, head.repository);
  const sha = from === null ? null : await commitOf(from.gitDir, `refs/heads/${head.ref}`);
  if (from === null || sha === null) {
    return null;
  }
  if (from !== repository) {
    await git(repository.gitDir, ["fetch", "--quiet", "--no-tags", from.gitDir, sha]);
  }
  await git(repository.gitDir, ["update-ref", `refs/pull/${String(head.number)}/head`, sha]);
  return sha;
}

/** The tree of a merge without conflicts, null where there are some. */
export async function mergedTree(
  { gitDir }: Repository,
  base: string,
  head: string,
): Promise<string | null> {
  const { code, stdout } = await tryGit(gitDir, ["merge-tree", "--write-tree", base, head]);
  return code === 0 ? (stdout.toString("utf8").split("\n")[0] ?? null) : null;
}

/** Keeps the merge that Actions checks out; removes it where there are conflicts. */
export async function keepMergeRef(repository: Repository, pull: Pull): Promise<void> {
  const name = `refs/pull/${String(pull.number)}/merge`;
  const tree = await mergedTree(repository, pull.baseSha, pull.headSha);
  if (tree === null) {
    await tryGit(repository.gitDir, ["update-ref", "-d", name]);
    return;
  }
  const parents = ["-p", pull.baseSha, "-p", pull.headSha];
  const message = `Merge ${pull.headSha} into ${pull.baseSha}`;
  const commit = await git(repository.gitDir, ["commit-tree", tree, ...parents, "-m", message]);
  await git(repository.gitDir, ["update-ref", name, commit]);
}

async function syncPull(hub: Hub, repository: Repository, pull: Pull): Promise<void> {
  const head = { repository: pull.headRepository ?? "", ref: pull.headRef, number: pull.number };
  const headSha = (await fetchHead(hub, repository, head)) ?? pull.headSha;
  const baseSha = (await commitOf(repository.gitDir, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha;
  if (headSha === pull.headSha && baseSha === pull.baseSha) {
    return;
  }
  const now: Pull = { ...pull, headSha, baseSha };
  repository.pulls.set(now.number, now);
  await keepMergeRef(repository, now);
  if (headSha !== pull.headSha) {
    await moveComments(repository, now);
  }
}

async function moveComments(repository: Repository, pull: Pull): Promise<void> {
  const files = await pullDiff(repository, pull);
  for (const comment of repository.reviewComments.values()) {
    if (comment.pullNumber === pull.number) {
      const moved = await moveAnchor(repository, comment, { pull, files });
      const current = moved !== null && stands(files, moved) ? moved : null;
      repository.reviewComments.set(comment.id, {
        ...comment,
        current,
        commit: current === null ? comment.commit : pull.headSha,
      });
    }
  }
}

interface Now {
  readonly pull: Pull;
  readonly files: readonly FileDiff[];
}

/** Lines on the right follow the head; lines on the left stand in the base and stay. */
async function moveAnchor(
  { gitDir }: Repository,
  { original, originalCommit }: ReviewComment,
  { pull }: Now,
): Promise<Anchor | null> {
  if (original.line === null || original.side === "LEFT") {
    return original;
  }
  const changes = await diffOf(gitDir, {
    from: originalCommit,
    to: pull.headSha,
    context: 0,
  });
  const file = changes.find(({ path, previousPath }) => (previousPath ?? path) === original.path);
  if (file?.status === "removed") {
    return null;
  }
  const line = movedLine(file ?? null, original.line);
  const startLine =
    original.startLine === null ? null : movedLine(file ?? null, original.startLine);
  const isWhole = line !== null && (original.startLine === null || startLine !== null);
  return isWhole ? { ...original, path: file?.path ?? original.path, line, startLine } : null;
}

function stands(files: readonly FileDiff[], anchor: Anchor): boolean {
  const file = files.find(({ path }) => path === anchor.path);
  return (
    file !== undefined && (anchor.line === null || lineAt(file, anchor.side, anchor.line) !== null)
  );
}
