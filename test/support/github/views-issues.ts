import type { JsonObject } from "./json.ts";
import { issueById, nodeIdOf, parentOf, timeOf } from "./state.ts";
import type { Hub, Issue, IssueComment, PlacedIssue, Reaction, Repository } from "./state.ts";
import { appView, associationOf, labelViews, repositoryUrl, userView } from "./views-base.ts";

export const reactionContents = [
  "+1",
  "-1",
  "laugh",
  "confused",
  "heart",
  "hooray",
  "rocket",
  "eyes",
] as const;

export function issueView(hub: Hub, { repository, issue }: PlacedIssue): JsonObject {
  const root = repositoryUrl(hub, repository);
  const url = `${root}/issues/${String(issue.number)}`;
  const parent = parentOf(hub, issue.id);
  const [assignee] = issue.assignees;
  return {
    id: issue.id,
    node_id: nodeIdOf(issue.isPull ? "PR" : "I", issue.id),
    url,
    repository_url: root,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: pageOf(hub, repository, issue),
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: userView(hub, issue.author),
    labels: labelViews(hub, repository, issue.labels),
    assignee: assignee === undefined ? null : userView(hub, assignee),
    assignees: issue.assignees.map((account) => userView(hub, account)),
    milestone: null,
    locked: issue.isLocked,
    active_lock_reason: null,
    comments: commentCount(repository, issue.number),
    closed_at: issue.closedAtMs === null ? null : timeOf(issue.closedAtMs),
    created_at: timeOf(issue.createdAtMs),
    updated_at: timeOf(issue.updatedAtMs),
    author_association: associationOf(repository, issue.author),
    closed_by: issue.closedBy === null ? null : userView(hub, issue.closedBy),
    performed_via_github_app: issue.viaApp === null ? null : appView(hub, issue.viaApp),
    reactions: rollupView(repository, `issue:${String(issue.id)}`, url),
    ...(issue.isPull ? pullLinks(hub, repository, issue) : relations(hub, issue.id)),
    ...(parent === null ? {} : { parent_issue_url: urlOf(hub, parent) }),
  };
}

/** The page of an issue or pull request. */
export function pageOf(hub: Hub, repository: Repository, issue: Issue): string {
  const kind = issue.isPull ? "pull" : "issues";
  return `${hub.webUrl}/${repository.fullName}/${kind}/${String(issue.number)}`;
}

export function urlOf(hub: Hub, { repository, issue }: PlacedIssue): string {
  return `${repositoryUrl(hub, repository)}/issues/${String(issue.number)}`;
}

export function commentCount(repository: Repository, number: number): number {
  return [...repository.comments.values()].filter(({ issueNumber }) => issueNumber === number)
    .length;
}

export function commentView(hub: Hub, repository: Repository, comment: IssueComment): JsonObject {
  const root = repositoryUrl(hub, repository);
  const url = `${root}/issues/comments/${String(comment.id)}`;
  const issue = repository.issues.get(comment.issueNumber);
  return {
    id: comment.id,
    node_id: nodeIdOf("IC", comment.id),
    url,
    html_url: `${issue === undefined ? hub.webUrl : pageOf(hub, repository, issue)}#issuecomment-${String(comment.id)}`,
    issue_url: `${root}/issues/${String(comment.issueNumber)}`,
    user: userView(hub, comment.author),
    created_at: timeOf(comment.createdAtMs),
    updated_at: timeOf(comment.updatedAtMs),
    author_association: associationOf(repository, comment.author),
    body: comment.body,
    performed_via_github_app: comment.viaApp === null ? null : appView(hub, comment.viaApp),
    reactions: rollupView(repository, `comment:${String(comment.id)}`, url),
  };
}

export function reactionView(hub: Hub, reaction: Reaction): JsonObject {
  return {
    id: reaction.id,
    node_id: nodeIdOf("REA", reaction.id),
    user: userView(hub, reaction.author),
    content: reaction.content,
    created_at: timeOf(reaction.createdAtMs),
  };
}

/** How many reactions of each kind stand on a thing. */
export function rollupView(repository: Repository, on: string, url: string): JsonObject {
  const all = [...repository.reactions.values()].filter((reaction) => reaction.on === on);
  const counts = reactionContents.map((content): readonly [string, number] => [
    content,
    all.filter((reaction) => reaction.content === content).length,
  ]);
  return {
    url: `${url}/reactions`,
    total_count: all.length,
    ...Object.fromEntries(counts),
  };
}

function pullLinks(hub: Hub, repository: Repository, issue: Issue): JsonObject {
  const pull = repository.pulls.get(issue.number);
  const web = pageOf(hub, repository, issue);
  const mergedAtMs = pull?.mergedAtMs ?? null;
  return {
    draft: pull?.isDraft ?? false,
    pull_request: {
      url: `${repositoryUrl(hub, repository)}/pulls/${String(issue.number)}`,
      html_url: web,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      merged_at: mergedAtMs === null ? null : timeOf(mergedAtMs),
    },
  };
}

function relations(hub: Hub, id: number): JsonObject {
  return {
    ...(hub.features.subIssues ? { sub_issues_summary: childrenSummary(hub, id) } : {}),
    ...(hub.features.dependencies ? { issue_dependencies_summary: blockSummary(hub, id) } : {}),
  };
}

function childrenSummary(hub: Hub, id: number): JsonObject {
  const children = placed(hub, hub.children.get(id) ?? []);
  const completed = children.filter(({ issue }) => issue.state === "closed").length;
  const total = children.length;
  return {
    total,
    completed,
    percent_completed: total === 0 ? 0 : Math.round((completed * 100) / total),
  };
}

function isOpen({ issue }: PlacedIssue): boolean {
  return issue.state === "open";
}

function blockSummary(hub: Hub, id: number): JsonObject {
  const blockers = placed(hub, hub.blockers.get(id) ?? []);
  const blocked = placed(hub, blockedBy(hub, id));
  return {
    blocked_by: blockers.filter(isOpen).length,
    total_blocked_by: blockers.length,
    blocking: blocked.filter(isOpen).length,
    total_blocking: blocked.length,
  };
}

/** The ids of the issues that one blocks. */
export function blockedBy(hub: Hub, id: number): readonly number[] {
  return [...hub.blockers].flatMap(([blocked, blockers]) =>
    blockers.includes(id) ? [blocked] : [],
  );
}

/** Issues by their ids; what is gone is left out. */
export function placed(hub: Hub, ids: readonly number[]): readonly PlacedIssue[] {
  return ids.flatMap((id) => {
    const found = issueById(hub, id);
    return found === null ? [] : [found];
  });
}
