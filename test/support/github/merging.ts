import { closedBy } from "./closing.ts";
import { commitOf, git } from "./git-store.ts";
import { mergedTree, syncPulls } from "./pull-sync.ts";
import type { Account, Hub } from "./state.ts";
import type { PlacedPull } from "./views-pulls.ts";
import { saveIssue } from "./writes.ts";

/** Who merges and how. */
export interface MergeOptions {
  readonly by: Account;
  /** `merge` or `squash`; rebase is not allowed in the fake's repositories. */
  readonly method: string;
  readonly title: string | null;
}

/** Merges a pull request into its base branch and answers the commit; null where it cannot be merged. */
export async function mergePull(
  hub: Hub,
  { repository, pull, issue }: PlacedPull,
  { by, method, title }: MergeOptions,
): Promise<string | null> {
  const { gitDir } = repository;
  const base = `refs/heads/${pull.baseRef}`;
  const tip = await commitOf(gitDir, base);
  const isOpen = issue.state === "open" && !pull.isDraft;
  const tree = tip === null || !isOpen ? null : await mergedTree(repository, tip, pull.headSha);
  if (tip === null || tree === null || method === "rebase") {
    return null;
  }
  const number = String(pull.number);
  const parents = method === "squash" ? ["-p", tip] : ["-p", tip, "-p", pull.headSha];
  const usual =
    method === "squash"
      ? `${issue.title} (#${number})`
      : `Merge pull request #${number} from ${pull.headRepository ?? ""}/${pull.headRef}`;
  const commit = await git(gitDir, ["commit-tree", tree, ...parents, "-m", title ?? usual]);
  await git(gitDir, ["update-ref", base, commit, tip]);
  const nowMs = hub.nowMs();
  repository.pulls.set(pull.number, {
    ...pull,
    mergedAtMs: nowMs,
    mergedBy: by,
    mergeCommit: commit,
  });
  saveIssue({ hub, repository }, { ...issue, state: "closed", closedAtMs: nowMs, closedBy: by });
  const isDefault = pull.baseRef === repository.defaultBranch;
  for (const closed of isDefault ? closedBy(repository, issue.body ?? "") : []) {
    if (closed.state === "open") {
      saveIssue(
        { hub, repository },
        { ...closed, state: "closed", stateReason: "completed", closedAtMs: nowMs, closedBy: by },
      );
    }
  }
  await syncPulls(hub, repository);
  return commit;
}
