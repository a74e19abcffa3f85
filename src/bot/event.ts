/** Who did something, by GitHub's own word; names in texts prove nothing. */
export interface EventActor {
  readonly login: string;
  readonly id: number;
  /** `User`, `Bot`, `Organization` or what GitHub may add. */
  readonly type: string;
}

export interface EventRepository {
  readonly owner: string;
  readonly name: string;
  /** `owner/name`. */
  readonly fullName: string;
  /** 0 where the event does not say. */
  readonly id: number;
  /** False also where the event does not say: then it gets the care of a public one. */
  readonly isPrivate: boolean;
  /** Null where the event does not say. */
  readonly defaultBranch: string | null;
}

/** What every event has. */
export interface EventFrame {
  /** GitHub's name of the event, as `pull_request`. */
  readonly name: string;
  /** As `opened`; null where an event has none. */
  readonly action: string | null;
  readonly repository: EventRepository;
  /** Null where nobody did it, as for a schedule. */
  readonly sender: EventActor | null;
}

/** An issue, or the issue side of a pull request. */
export interface EventIssue {
  readonly number: number;
  readonly title: string;
  /** Empty when there is none. */
  readonly body: string;
  readonly state: string;
  readonly labels: readonly string[];
  readonly author: EventActor | null;
  /** As `FIRST_TIME_CONTRIBUTOR` or `MEMBER`. */
  readonly authorAssociation: string;
  readonly isPullRequest: boolean;
}

export interface EventRef {
  readonly ref: string;
  readonly sha: string;
  /** `owner/name`; null when the fork is gone. */
  readonly repository: string | null;
}

export interface EventPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly isDraft: boolean;
  readonly isMerged: boolean;
  readonly labels: readonly string[];
  readonly author: EventActor | null;
  readonly authorAssociation: string;
  readonly head: EventRef;
  readonly base: EventRef;
  /** ISO text, as GitHub gives it; null while it is open. */
  readonly closedAt: string | null;
}

export interface EventComment {
  readonly id: number;
  readonly body: string;
  readonly author: EventActor | null;
  readonly authorAssociation: string;
}

/** What an event has by its kind. */
export type EventBody =
  | {
      readonly kind: "issue";
      readonly issue: EventIssue;
      /** Of `labeled` and `unlabeled`. */
      readonly label: string | null;
    }
  | { readonly kind: "issue-comment"; readonly issue: EventIssue; readonly comment: EventComment }
  | {
      readonly kind: "pull-request";
      readonly pull: EventPull;
      /** Of `labeled` and `unlabeled`. */
      readonly label: string | null;
    }
  | { readonly kind: "review-comment"; readonly pull: EventPull; readonly comment: EventComment }
  | { readonly kind: "merge-group"; readonly head: EventRef; readonly base: EventRef }
  | {
      readonly kind: "push";
      /** As `refs/heads/main`. */
      readonly ref: string;
      /** 40 zeros for a new branch. */
      readonly before: string;
      /** 40 zeros for a deleted branch. */
      readonly after: string;
      readonly isForced: boolean;
    }
  | {
      readonly kind: "dispatch";
      readonly ref: string;
      readonly inputs: Readonly<Record<string, string>>;
    }
  | {
      /** A check of any App ended, or began. */
      readonly kind: "check";
      readonly check: {
        readonly name: string;
        readonly sha: string;
        /** The branch that GitHub found it on; null: none. A fork's may have any name. */
        readonly branch: string | null;
        /** True: it ended, and not well. */
        readonly isFailing: boolean;
      };
    }
  | { readonly kind: "schedule"; readonly cron: string }
  | { readonly kind: "other" };

/** One event of GitHub with the fields that handlers may use. Every text in it is somebody else's. */
export type BotEvent = EventFrame & EventBody;

/** The number of the issue or pull request that an event is about, for a run by hand its input `number`; null when it is about none. */
export function numberOf(event: BotEvent): number | null {
  if (event.kind === "issue" || event.kind === "issue-comment") {
    return event.issue.number;
  }
  if (event.kind === "pull-request" || event.kind === "review-comment") {
    return event.pull.number;
  }
  return event.kind === "dispatch" ? readNumber(event.inputs["number"]) : null;
}

function readNumber(text = ""): number | null {
  return /^[1-9]\d{0,9}$/u.test(text) ? Number(text) : null;
}

/** The commits that an event is about; null where it is about none, as a comment, which means what is there now. */
export function shasOf(event: BotEvent): { readonly head: string; readonly base: string } | null {
  if (event.kind === "pull-request") {
    return { head: event.pull.head.sha, base: event.pull.base.sha };
  }
  if (event.kind === "merge-group") {
    return { head: event.head.sha, base: event.base.sha };
  }
  return event.kind === "push" ? { head: event.after, base: event.before } : null;
}
