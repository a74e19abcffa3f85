import type { RepositoryName } from "./repository.ts";
import type { Reactions } from "./issue.ts";
import type { User } from "./user.ts";

/** One end of a pull request. */
export interface PullEnd {
  /** The branch's name: chosen by whoever made it. */
  readonly branch: string;
  readonly sha: string;
  /** Null when the fork is gone. */
  readonly repository: RepositoryName | null;
}

/** A pull request. Its title, body and branch names are others' words. */
export interface PullRequest {
  /** The database id. */
  readonly id: number;
  readonly number: number;
  readonly title: string;
  /** Empty when there is none. */
  readonly body: string;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly isDraft: boolean;
  readonly author: User;
  readonly labels: readonly string[];
  readonly head: PullEnd;
  readonly base: PullEnd;
  /** True when the head lies in another repository than the base, or is gone. */
  readonly isFork: boolean;
  /** Of the merge; null while it is not merged. */
  readonly mergeSha: string | null;
  readonly url: string;
}

export type Side = "old" | "new";

/** Where a comment of a review stands: on lines of the diff, or on the whole file. */
export type ReviewAnchor =
  | {
      readonly kind: "line";
      readonly path: string;
      readonly side: Side;
      readonly line: number;
      /** Below `line` and in the same hunk; null for a single line. */
      readonly startLine: number | null;
    }
  | { readonly kind: "file"; readonly path: string };

export interface NewReviewComment {
  readonly anchor: ReviewAnchor;
  readonly body: string;
}

/** A review to publish. It comments; it never approves and never asks for changes. */
export interface NewReview {
  readonly headSha: string;
  /** Empty where the comments say all. */
  readonly body: string;
  readonly comments: readonly NewReviewComment[];
}

/** `refused`: the host took none of it, since an anchor is not on the diff or the head has moved. */
export type ReviewOutcome =
  | {
      readonly kind: "created";
      readonly reviewId: number;
      /** Comments on whole files that the host did not take; it takes them one by one, after the rest. Empty nearly always. */
      readonly left: readonly NewReviewComment[];
    }
  | { readonly kind: "refused"; readonly reason: string };

/** A comment in a thread of a review. */
export interface ThreadComment {
  readonly id: number;
  readonly author: User;
  readonly body: string;
  readonly reactions: Reactions;
  readonly createdAtMs: number;
}

/** A conversation on lines of a pull request, the oldest comment first. */
export interface ReviewThread {
  /** The host's opaque id. */
  readonly id: string;
  readonly path: string;
  /** Null when the lines are gone. */
  readonly line: number | null;
  readonly isResolved: boolean;
  /** Null when it is not resolved, or nobody knows. */
  readonly resolvedBy: User | null;
  readonly isOutdated: boolean;
  readonly comments: readonly ThreadComment[];
}

/** What a person said of a whole pull request. */
export interface Verdict {
  readonly author: User;
  readonly kind: "approved" | "changes-requested" | "commented" | "dismissed";
  /** The head that it was said of. */
  readonly sha: string;
  readonly atMs: number;
  /** Whether the host names its author as an owner, a member or a collaborator; what that one may do is asked apart. */
  readonly isOfTeam: boolean;
}
