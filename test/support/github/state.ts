import type { KeyObject } from "node:crypto";
import type { Json, JsonObject } from "./json.ts";

/** A person, a bot or an organization. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization";
  /** Logins of an organization's members; empty for others. */
  readonly members: ReadonlySet<string>;
}

export type Role = "read" | "triage" | "write" | "maintain" | "admin";

/** Scopes and levels, as `{ issues: "write" }`. */
export type Permissions = Readonly<Record<string, string>>;

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly owner: Account;
  readonly bot: Account;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  /** Proves the JWTs of the app; null for GitHub's own. */
  readonly publicKey: KeyObject | null;
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  readonly permissions: Permissions;
  /** Full names, or all repositories of the account. */
  readonly repositories: readonly string[] | "all";
}

/** Who calls. */
export interface Identity {
  readonly kind: "user" | "installation" | "job" | "app";
  readonly actor: Account;
  readonly app: App | null;
  readonly installation: Installation | null;
  /** Null: only the person's roles decide. */
  readonly permissions: Permissions | null;
  /** Full names in lower case; null: all that the account sees. */
  readonly repositories: ReadonlySet<string> | null;
  /** When the token ends, in epoch milliseconds; null for never. */
  readonly expiresAtMs: number | null;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: "open" | "closed";
  readonly stateReason: "completed" | "not_planned" | "duplicate" | "reopened" | null;
  readonly author: Account;
  readonly viaApp: App | null;
  /** Names of labels, in the order in which they came. */
  readonly labels: readonly string[];
  readonly assignees: readonly Account[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly closedAtMs: number | null;
  readonly closedBy: Account | null;
  readonly isPull: boolean;
  readonly isLocked: boolean;
}

/** What a pull request has beside its issue of the same number. */
export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly baseRef: string;
  readonly baseSha: string;
  readonly headRef: string;
  readonly headSha: string;
  /** Full name of the repository of the head; null once it is gone. */
  readonly headRepository: string | null;
  readonly isDraft: boolean;
  readonly requestedReviewers: readonly Account[];
  readonly mergedAtMs: number | null;
  readonly mergedBy: Account | null;
  readonly mergeCommit: string | null;
}

export interface IssueComment {
  readonly id: number;
  readonly issueNumber: number;
  readonly author: Account;
  readonly viaApp: App | null;
  readonly body: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly minimized: string | null;
}

export type ReviewState = "PENDING" | "COMMENTED" | "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED";

export interface Review {
  readonly id: number;
  readonly pullNumber: number;
  readonly author: Account;
  readonly state: ReviewState;
  readonly body: string;
  readonly commitId: string;
  readonly submittedAtMs: number | null;
}

export type Side = "LEFT" | "RIGHT";

/** Where a comment stands in a diff; lines are null for a comment on a whole file. */
export interface Anchor {
  readonly path: string;
  readonly side: Side;
  readonly line: number | null;
  readonly startSide: Side | null;
  readonly startLine: number | null;
}

export interface ReviewComment {
  readonly id: number;
  readonly pullNumber: number;
  readonly reviewId: number;
  readonly author: Account;
  readonly body: string;
  /** Where it was written. */
  readonly original: Anchor;
  /** Where it stands now; null when the line is no longer part of the diff. */
  readonly current: Anchor | null;
  readonly originalCommit: string;
  readonly commit: string;
  readonly diffHunk: string;
  /** The old way to name a line, as it was when it was written. */
  readonly position: number;
  readonly inReplyTo: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly minimized: string | null;
}

export interface Reaction {
  readonly id: number;
  /** `issue`, `comment` or `review-comment` and the id of what it is on. */
  readonly on: string;
  readonly author: Account;
  readonly content: string;
  readonly createdAtMs: number;
}

export interface CheckSuite {
  readonly id: number;
  readonly headSha: string;
  readonly app: App;
  readonly createdAtMs: number;
}

export interface CheckRun {
  readonly id: number;
  readonly suiteId: number;
  readonly name: string;
  readonly headSha: string;
  readonly app: App;
  readonly status: string;
  readonly conclusion: string | null;
  readonly externalId: string | null;
  readonly detailsUrl: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly text: string | null;
  readonly annotations: readonly JsonObject[];
  readonly actions: readonly Json[];
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAtMs: number;
}

/** A SARIF file that was uploaded, unpacked. */
export interface SarifUpload {
  readonly id: string;
  readonly commit: string;
  readonly ref: string;
  readonly sarif: Json;
}

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  /** Names of branches it holds for. */
  readonly branches: readonly string[];
  /** As `{ type: "required_status_checks", parameters }`. */
  readonly rules: readonly JsonObject[];
}

/** A repository and all that stands in it; the maps are the state. */
export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  /** The full name of the repository that this one is a fork of. */
  readonly forkOf: string | null;
  /** The bare git directory. */
  readonly gitDir: string;
  readonly createdAtMs: number;
  readonly roles: Map<string, Role>;
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly pulls: Map<number, Pull>;
  readonly comments: Map<number, IssueComment>;
  readonly reviews: Map<number, Review>;
  readonly reviewComments: Map<number, ReviewComment>;
  /** The first comment of a resolved thread, and who resolved it. */
  readonly resolvedThreads: Map<number, Account>;
  readonly reactions: Map<number, Reaction>;
  readonly suites: Map<number, CheckSuite>;
  readonly runs: Map<number, CheckRun>;
  readonly statuses: Map<number, CommitStatus>;
  readonly sarifs: Map<string, SarifUpload>;
  readonly rulesets: Map<number, Ruleset>;
}

export interface Team {
  readonly id: number;
  readonly org: string;
  readonly slug: string;
  readonly members: ReadonlyMap<string, "member" | "maintainer">;
}

/** What a server can and may do. */
export interface Features {
  /** GHES has sub-issues from 3.17. Default true. */
  readonly subIssues: boolean;
  /** GHES has dependencies from 3.19. Default true. */
  readonly dependencies: boolean;
  /** Whether jobs of Actions may open and approve pull requests. Default false, as GitHub's. */
  readonly jobsApprove: boolean;
}

/** One attempt of GitHub's to tell an App of an event. */
export interface HookDelivery {
  readonly appId: number;
  /** As GitHub lists it. */
  readonly view: JsonObject;
}

/** All that the fake knows. */
export interface Hub {
  /** Without a slash at the end: the root of the REST API in the addresses of answers. */
  readonly apiUrl: string;
  /** Without a slash at the end: where people and git go. */
  readonly webUrl: string;
  readonly features: Features;
  readonly nowMs: () => number;
  /** A new database id: never the number of an issue. */
  readonly nextId: () => number;
  /** By login in lower case. */
  readonly accounts: Map<string, Account>;
  /** By full name in lower case. */
  readonly repositories: Map<string, Repository>;
  readonly apps: Map<number, App>;
  readonly installations: Map<number, Installation>;
  readonly tokens: Map<string, Identity>;
  /** By id, the newest last. */
  readonly deliveries: Map<number, HookDelivery>;
  /** By `org/slug` in lower case. */
  readonly teams: Map<string, Team>;
  /** Ids of sub-issues in their order, by the id of the parent. */
  readonly children: Map<number, readonly number[]>;
  /** Ids of the issues that block, by the id of the blocked one. */
  readonly blockers: Map<number, readonly number[]>;
}

/** An issue and where it stands. */
export interface PlacedIssue {
  readonly repository: Repository;
  readonly issue: Issue;
}

export function issueById(hub: Hub, id: number): PlacedIssue | null {
  for (const repository of hub.repositories.values()) {
    for (const issue of repository.issues.values()) {
      if (issue.id === id) {
        return { repository, issue };
      }
    }
  }
  return null;
}

export function parentOf(hub: Hub, id: number): PlacedIssue | null {
  for (const [parent, children] of hub.children) {
    if (children.includes(id)) {
      return issueById(hub, parent);
    }
  }
  return null;
}

export function repositoryNamed(hub: Hub, fullName: string): Repository | null {
  return hub.repositories.get(fullName.toLowerCase()) ?? null;
}

export function accountNamed(hub: Hub, login: string): Account | null {
  return hub.accounts.get(login.toLowerCase()) ?? null;
}

export function nextNumber(repository: Repository): number {
  return Math.max(0, ...repository.issues.keys()) + 1;
}

/** Where the addresses are that GitHub gives to accounts. */
export const noReplyHost = "users.noreply.github.example";

/** A time as GitHub writes it: to the second. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/u, "Z");
}

/** The global id of GraphQL for a thing: its kind and its database id. */
export function nodeIdOf(kind: string, id: number | string): string {
  return `${kind}_fk${String(id)}`;
}
