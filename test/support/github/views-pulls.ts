import { positionOf } from "./diff.ts";
import type { FileDiff } from "./diff.ts";
import type { JsonObject } from "./json.ts";
import { mergedTree, pullCommits, pullDiff } from "./pull-sync.ts";
import { nodeIdOf, repositoryNamed, timeOf } from "./state.ts";
import type { Hub, Issue, Pull, Repository, Review, ReviewComment } from "./state.ts";
import {
  associationOf,
  labelViews,
  repositoryUrl,
  repositoryView,
  userView,
} from "./views-base.ts";
import { commentCount, pageOf, rollupView } from "./views-issues.ts";

/** A pull request and where it stands. */
export interface PlacedPull {
  readonly repository: Repository;
  readonly pull: Pull;
  readonly issue: Issue;
}

/** The pull request of a number, null where there is none. */
export function pullNumbered(repository: Repository, number: number): PlacedPull | null {
  const pull = repository.pulls.get(number);
  const issue = repository.issues.get(number);
  return pull === undefined || issue === undefined ? null : { repository, pull, issue };
}

/** The shorter view, as lists have it. */
export function simplePullView(hub: Hub, { repository, pull, issue }: PlacedPull): JsonObject {
  const root = repositoryUrl(hub, repository);
  const web = pageOf(hub, repository, issue);
  const number = String(pull.number);
  const links = {
    comments: `${root}/issues/${number}/comments`,
    commits: `${root}/pulls/${number}/commits`,
    statuses: `${root}/statuses/${pull.headSha}`,
    html: web,
    issue: `${root}/issues/${number}`,
    review_comments: `${root}/pulls/${number}/comments`,
    review_comment: `${root}/pulls/comments{/number}`,
    self: `${root}/pulls/${number}`,
  };
  const [assignee] = issue.assignees;
  return {
    id: pull.id,
    node_id: nodeIdOf("PR", issue.id),
    url: links.self,
    html_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    issue_url: links.issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number: pull.number,
    state: issue.state,
    locked: issue.isLocked,
    active_lock_reason: null,
    title: issue.title,
    body: issue.body,
    user: userView(hub, issue.author),
    labels: labelViews(hub, repository, issue.labels),
    milestone: null,
    created_at: timeOf(issue.createdAtMs),
    updated_at: timeOf(issue.updatedAtMs),
    closed_at: issue.closedAtMs === null ? null : timeOf(issue.closedAtMs),
    merged_at: pull.mergedAtMs === null ? null : timeOf(pull.mergedAtMs),
    merge_commit_sha: pull.mergeCommit,
    assignee: assignee === undefined ? null : userView(hub, assignee),
    assignees: issue.assignees.map((account) => userView(hub, account)),
    requested_reviewers: pull.requestedReviewers.map((account) => userView(hub, account)),
    requested_teams: [],
    draft: pull.isDraft,
    head: headView(hub, repository, pull),
    base: endView(hub, repository, { ref: pull.baseRef, sha: pull.baseSha }),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: associationOf(repository, issue.author),
    auto_merge: null,
  };
}

/** The whole view, with what only git can count. */
export async function pullView(hub: Hub, placed: PlacedPull): Promise<JsonObject> {
  const { repository, pull, issue } = placed;
  const files = await pullDiff(repository, pull);
  const isOpen = issue.state === "open";
  const isMergeable = isOpen && (await mergedTree(repository, pull.baseSha, pull.headSha)) !== null;
  const state = pull.isDraft ? "draft" : isMergeable ? "clean" : "dirty";
  const comments = [...repository.reviewComments.values()];
  return {
    ...simplePullView(hub, placed),
    merged: pull.mergedAtMs !== null,
    mergeable: isOpen ? isMergeable : null,
    rebaseable: isOpen ? isMergeable : null,
    mergeable_state: isOpen ? state : "unknown",
    merged_by: pull.mergedBy === null ? null : userView(hub, pull.mergedBy),
    comments: commentCount(repository, pull.number),
    review_comments: comments.filter(({ pullNumber }) => pullNumber === pull.number).length,
    maintainer_can_modify: false,
    commits: (await pullCommits(repository, pull)).length,
    additions: sum(files, "additions"),
    deletions: sum(files, "deletions"),
    changed_files: files.length,
  };
}

/** The few fields that checks show of a pull request. */
export function minimalPullView(hub: Hub, { repository, pull }: PlacedPull): JsonObject {
  const root = repositoryUrl(hub, repository);
  const head = repositoryNamed(hub, pull.headRepository ?? "") ?? repository;
  const end = (of: Repository): JsonObject => ({
    id: of.id,
    url: repositoryUrl(hub, of),
    name: of.name,
  });
  return {
    id: pull.id,
    number: pull.number,
    url: `${root}/pulls/${String(pull.number)}`,
    head: { ref: pull.headRef, sha: pull.headSha, repo: end(head) },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo: end(repository) },
  };
}

export function fileView(
  hub: Hub,
  repository: Repository,
  { file, commit }: { readonly file: FileDiff; readonly commit: string },
): JsonObject {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const web = `${hub.webUrl}/${repository.fullName}`;
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${web}/blob/${commit}/${path}`,
    raw_url: `${web}/raw/${commit}/${path}`,
    contents_url: `${repositoryUrl(hub, repository)}/contents/${path}?ref=${commit}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

export function reviewView(hub: Hub, repository: Repository, review: Review): JsonObject {
  const number = String(review.pullNumber);
  const page = `${hub.webUrl}/${repository.fullName}/pull/${number}#pullrequestreview-${String(review.id)}`;
  const pull = `${repositoryUrl(hub, repository)}/pulls/${number}`;
  return {
    id: review.id,
    node_id: nodeIdOf("PRR", review.id),
    user: userView(hub, review.author),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pull,
    author_association: associationOf(repository, review.author),
    _links: { html: { href: page }, pull_request: { href: pull } },
    commit_id: review.commitId,
    ...(review.submittedAtMs === null ? {} : { submitted_at: timeOf(review.submittedAtMs) }),
  };
}

/** A comment in the diff. */
export function reviewCommentView(
  hub: Hub,
  repository: Repository,
  comment: ReviewComment,
): JsonObject {
  const root = repositoryUrl(hub, repository);
  const url = `${root}/pulls/comments/${String(comment.id)}`;
  const number = String(comment.pullNumber);
  const page = `${hub.webUrl}/${repository.fullName}/pull/${number}#discussion_r${String(comment.id)}`;
  const pull = `${root}/pulls/${number}`;
  const { original, current } = comment;
  const isOnFile = original.line === null;
  return {
    id: comment.id,
    node_id: nodeIdOf("PRRC", comment.id),
    url,
    html_url: page,
    pull_request_url: pull,
    pull_request_review_id: comment.reviewId,
    diff_hunk: comment.diffHunk,
    path: current?.path ?? original.path,
    commit_id: comment.commit,
    original_commit_id: comment.originalCommit,
    user: userView(hub, comment.author),
    body: comment.body,
    created_at: timeOf(comment.createdAtMs),
    updated_at: timeOf(comment.updatedAtMs),
    author_association: associationOf(repository, comment.author),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: pull } },
    reactions: rollupView(repository, `review-comment:${String(comment.id)}`, url),
    subject_type: isOnFile ? "file" : "line",
    side: original.side,
    line: current?.line ?? null,
    original_line: original.line,
    start_line: current?.startLine ?? null,
    original_start_line: original.startLine,
    start_side: original.startSide,
    position: current === null || isOnFile ? null : comment.position,
    original_position: isOnFile ? 1 : comment.position,
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo }),
  };
}

/** The position of an anchor, 1 for a whole file. */
export function positionIn(file: FileDiff, anchor: ReviewComment["original"]): number {
  return anchor.line === null ? 1 : (positionOf(file, anchor) ?? 1);
}

function headView(hub: Hub, repository: Repository, pull: Pull): JsonObject {
  const from = repositoryNamed(hub, pull.headRepository ?? "") ?? repository;
  return endView(hub, from, { ref: pull.headRef, sha: pull.headSha });
}

function endView(
  hub: Hub,
  repository: Repository,
  { ref, sha }: { readonly ref: string; readonly sha: string },
): JsonObject {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: userView(hub, repository.owner),
    repo: repositoryView(hub, repository),
  };
}

function sum(files: readonly FileDiff[], field: "additions" | "deletions"): number {
  return files.reduce((total, file) => total + file[field], 0);
}
