import type { CheckReport, CheckRun } from "./check-run.ts";
import type {
  Issue,
  IssueChange,
  IssueComment,
  IssueFilter,
  NewIssue,
  ReactionContent,
  ReactionTarget,
} from "./issue.ts";
import type {
  NewReview,
  PullRequest,
  ReviewOutcome,
  ReviewThread,
  Verdict,
} from "./pull-request.ts";
import type { Repository, RepositoryName } from "./repository.ts";
import type { Permission, User } from "./user.ts";

/**
 * One repository on a code host, seen with one identity's rights. Every call may throw SKN-7651 (the host cannot be reached or is busy; try
 * again), SKN-3651 (the token may not do it) and, where no null is promised, SKN-5651 (it is not there, or hidden from the token). Retries
 * and waits for rate limits are the adapter's; a call that created something is never sent twice without looking.
 */
export interface CodeHost {
  readonly name: RepositoryName;
  /** Who the token is. The host's word, asked once. */
  self(): Promise<User>;
  repository(): Promise<Repository>;
  /** What an account may do here; `none` for strangers. Never kept: rights change. */
  permissionOf(login: string): Promise<Permission>;
  readonly issues: IssueHost;
  readonly pulls: PullHost;
  readonly checks: CheckHost;
  readonly files: FileHost;
  /** Gives a token back before its time; nothing where it cannot be. */
  close(): Promise<void>;
}

/** What this host lacks: an older installation without sub-issues or dependencies. */
export const unsupported = "unsupported";
export type Unsupported = typeof unsupported;

export interface IssueHost {
  /** Null when there is none. */
  get(number: number): Promise<Issue | null>;
  list(filter: IssueFilter): Promise<readonly Issue[]>;
  create(issue: NewIssue): Promise<Issue>;
  update(number: number, change: IssueChange): Promise<Issue>;
  addLabels(number: number, labels: readonly string[]): Promise<void>;
  /** Without an error when it was not there. */
  removeLabel(number: number, label: string): Promise<void>;
  /** False: that account cannot be assigned here. */
  assign(number: number, login: string): Promise<boolean>;
  /** The children of an issue, in their order. */
  children(number: number): Promise<readonly Issue[] | Unsupported>;
  /** The parent by number, the child by database id. Without an error when it is its child already. */
  addChild(number: number, childId: number): Promise<"added" | Unsupported>;
  /** The issues that block one. */
  blockers(number: number): Promise<readonly Issue[] | Unsupported>;
  /** The blocked by number, the blocker by database id. Without an error when it blocks already. */
  addBlocker(number: number, blockerId: number): Promise<"added" | Unsupported>;
  removeBlocker(number: number, blockerId: number): Promise<void>;
  /** The oldest first; of an issue or a pull request. */
  comments(number: number): Promise<readonly IssueComment[]>;
  comment(number: number, body: string): Promise<IssueComment>;
  editComment(id: number, body: string): Promise<IssueComment>;
  react(target: ReactionTarget, content: ReactionContent): Promise<void>;
}

export interface PullHost {
  /** Null when there is none. */
  get(number: number): Promise<PullRequest | null>;
  /** Open ones, the newest first, at most 100; of one head branch of this repository where it is named. */
  open(headBranch?: string): Promise<readonly PullRequest[]>;
  /** The pull requests that a commit belongs to, open or not. */
  ofCommit(sha: string): Promise<readonly PullRequest[]>;
  verdicts(number: number): Promise<readonly Verdict[]>;
  publishReview(number: number, review: NewReview): Promise<ReviewOutcome>;
  threads(number: number): Promise<readonly ReviewThread[]>;
  /** `denied`: this kind of token may not resolve threads. */
  resolveThread(id: string): Promise<"resolved" | "denied">;
  /** Answers in the thread of a comment. */
  reply(number: number, commentId: number, body: string): Promise<void>;
}

export interface CheckHost {
  /** Checks of a name on a commit, the newest first. */
  list(sha: string, name: string): Promise<readonly CheckRun[]>;
  /** The last check of each name and App on a commit, at most 300. */
  latest(sha: string): Promise<readonly CheckRun[]>;
  /** Shows a check: a new one, or in place of `replaces`. */
  report(report: CheckReport, replaces: CheckRun | null): Promise<CheckRun>;
  /** Hands findings to the host's code scanning. `unavailable`: it is switched off here, or not paid for. */
  uploadSarif(upload: SarifUpload): Promise<"taken" | "unavailable">;
}

export interface SarifUpload {
  readonly sha: string;
  /** As `refs/pull/12/head`. */
  readonly ref: string;
  /** SARIF 2.1.0 as JSON text. */
  readonly sarif: string;
}

/** A file of a repository. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

export interface FileHost {
  /** The text of a file at a revision (a SHA, or a full ref); null when there is none there. At most 1 MB. */
  read(path: string, revision: string): Promise<string | null>;
  /** The first of several files that is there, as `read` reads it, asked for together where the host can; null when there is none of them. */
  readFirst(paths: readonly string[], revision: string): Promise<NamedText | null>;
  /** The commit that a full ref names; null when there is none. */
  resolve(ref: string): Promise<string | null>;
}
