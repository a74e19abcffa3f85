import { nextNumber } from "./state.ts";
import type {
  Account,
  App,
  Hub,
  Issue,
  IssueComment,
  Label,
  Reaction,
  Repository,
} from "./state.ts";

/** Where something is written. */
export interface Place {
  readonly hub: Hub;
  readonly repository: Repository;
}

/** What a new issue, or the issue of a new pull request, says. */
export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly author: Account;
  readonly viaApp: App | null;
  readonly labels: readonly string[];
  readonly assignees: readonly Account[];
  readonly isPull: boolean;
}

export function addIssue({ hub, repository }: Place, draft: NewIssue): Issue {
  const nowMs = hub.nowMs();
  const issue: Issue = {
    ...draft,
    id: hub.nextId(),
    number: nextNumber(repository),
    body: draft.body === "" ? null : draft.body,
    state: "open",
    stateReason: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    closedAtMs: null,
    closedBy: null,
    isLocked: false,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

/** Keeps a changed issue and marks it as updated. */
export function saveIssue({ hub, repository }: Place, issue: Issue): Issue {
  const saved = { ...issue, updatedAtMs: hub.nowMs() };
  repository.issues.set(saved.number, saved);
  return saved;
}

/** What a new comment says. */
export interface NewComment {
  readonly issueNumber: number;
  readonly author: Account;
  readonly viaApp: App | null;
  readonly body: string;
}

export function addComment({ hub, repository }: Place, draft: NewComment): IssueComment {
  const nowMs = hub.nowMs();
  const comment: IssueComment = {
    ...draft,
    id: hub.nextId(),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    minimized: null,
  };
  repository.comments.set(comment.id, comment);
  const issue = repository.issues.get(draft.issueNumber);
  if (issue !== undefined) {
    saveIssue({ hub, repository }, issue);
  }
  return comment;
}

/** The names of labels as the repository writes them; a label that is missing is made, as GitHub does. */
export function labelsOf(place: Place, names: readonly string[]): readonly string[] {
  const found = names.map(
    (name) =>
      place.repository.labels.get(name.toLowerCase()) ??
      addLabel(place, { name, color: "ededed", description: null }),
  );
  return [...new Set(found.map(({ name }) => name))];
}

export function addLabel({ hub, repository }: Place, draft: Omit<Label, "id">): Label {
  const label: Label = { ...draft, id: hub.nextId() };
  repository.labels.set(label.name.toLowerCase(), label);
  return label;
}

/** Adds a reaction, or answers the one that the same author left already. */
export function addReaction(
  { hub, repository }: Place,
  draft: Pick<Reaction, "on" | "author" | "content">,
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const known = [...repository.reactions.values()].find(
    ({ on, author, content }) =>
      on === draft.on && author.id === draft.author.id && content === draft.content,
  );
  if (known !== undefined) {
    return { reaction: known, isNew: false };
  }
  const reaction: Reaction = { ...draft, id: hub.nextId(), createdAtMs: hub.nowMs() };
  repository.reactions.set(reaction.id, reaction);
  return { reaction, isNew: true };
}
