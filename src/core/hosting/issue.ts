import type { User } from "./user.ts";

/** Why an issue was closed, as the host says it; null: nobody said, or it is open. */
export type ClosedAs = "completed" | "not_planned" | "duplicate" | null;

/** An issue. Its title and body are others' words. */
export interface Issue {
  /** The database id: what sub-issues and dependencies are named by. */
  readonly id: number;
  /** The number within its repository: what people and addresses name it by. */
  readonly number: number;
  readonly title: string;
  /** Empty when there is none. */
  readonly body: string;
  readonly isOpen: boolean;
  readonly closedAs: ClosedAs;
  /** Who closed it; null: it is open, or this answer of the host does not say (`get` says it, lists may not). */
  readonly closedBy: User | null;
  readonly labels: readonly string[];
  readonly author: User;
  readonly isPullRequest: boolean;
  readonly url: string;
  readonly updatedAtMs: number;
}

export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}

/** What is left out stays as it is. */
export interface IssueChange {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly state?:
    | { readonly isOpen: true }
    | { readonly isOpen: false; readonly closedAs: "completed" | "not_planned" }
    | undefined;
}

/** Which issues to list; the newest first. */
export interface IssueFilter {
  readonly state: "open" | "closed" | "all";
  readonly labels?: readonly string[] | undefined;
  /** Only those changed at or after this time. */
  readonly changedSinceMs?: number | undefined;
  /** Pull requests are not listed; at most this many issues. */
  readonly limit: number;
}

/** A comment on an issue or a pull request's conversation. */
export interface IssueComment {
  readonly id: number;
  readonly author: User;
  readonly body: string;
  readonly url: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What a reaction stands under. */
export interface ReactionTarget {
  readonly on: "issue" | "issue-comment" | "review-comment";
  /** The issue's number, or the comment's id. */
  readonly id: number;
}

export type ReactionContent = "+1" | "-1" | "eyes" | "rocket" | "confused";

/** Whose thumbs stand under a comment, of at most the first 20; Skein's own left out. */
export interface Reactions {
  readonly up: readonly User[];
  readonly down: readonly User[];
}
