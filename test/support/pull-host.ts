import { SkeinError } from "../../src/core/base/errors.ts";
import { hostingErrors } from "../../src/core/hosting/index.ts";
import type {
  CheckReport,
  CheckRun,
  CodeHost,
  IssueComment,
  NewReview,
  NewReviewComment,
  Permission,
  PullRequest,
  ReviewThread,
  User,
} from "../../src/core/hosting/index.ts";

import type { Publication, Thought } from "../../src/core/pull-reviews/index.ts";

export const skeinBot: User = { id: 1, login: "skein[bot]", kind: "bot" };
export const grace: User = { id: 2, login: "grace", kind: "person" };
export const stranger: User = { id: 3, login: "stranger", kind: "person" };

/** What a host with one pull request holds; tests read and change it. */
export interface PullBoard {
  pull: PullRequest;
  comments: IssueComment[];
  threads: ReviewThread[];
  reviews: NewReview[];
  checks: CheckReport[];
  /** The checks in whose place others were shown. */
  replaced: CheckRun[];
  resolved: string[];
  replies: string[];
  permissions: Record<string, Permission>;
  /** The name of every call, in order. */
  calls: string[];
  /** Told of every call before it is answered, with its number from 1: what others do meanwhile. */
  onCall: (number: number) => void;
  /** The number of the call that fails, from 1; 0: none. */
  failAt: number;
  /** Says no to a review, as for an anchor that is not on the diff. */
  refuses: (review: NewReview) => boolean;
  /** The comments of a review that are not taken, when the rest is. */
  leaves: (review: NewReview) => readonly NewReviewComment[];
  /** Whether this kind of token may resolve threads. */
  mayResolve: boolean;
  /** Whom the conversation is assigned to. */
  assigned: string[];
}

export function aPull(pull: Partial<PullRequest> = {}): PullRequest {
  return {
    id: 900,
    number: 12,
    title: "Round the total",
    body: "",
    isOpen: true,
    isMerged: false,
    isDraft: false,
    author: grace,
    labels: [],
    head: { branch: "feature/round", sha: "c".repeat(40), repository: "acme/shop" },
    base: { branch: "main", sha: "b".repeat(40), repository: "acme/shop" },
    isFork: false,
    mergeSha: null,
    url: "https://example.org/acme/shop/pull/12",
    ...pull,
  };
}

export function aThread(body: string, thread: Partial<ReviewThread> = {}): ReviewThread {
  return {
    id: `thread-${String((threadCount += 1))}`,
    path: "src/a.ts",
    line: 2,
    isResolved: false,
    resolvedBy: null,
    isOutdated: false,
    comments: [{ id: 70, author: skeinBot, body, reactions: { up: [], down: [] }, createdAtMs: 0 }],
    ...thread,
  };
}

let threadCount = 0;

export function aBoard(board: Partial<PullBoard> = {}): PullBoard {
  return {
    pull: aPull(),
    comments: [],
    threads: [],
    reviews: [],
    checks: [],
    replaced: [],
    resolved: [],
    replies: [],
    permissions: { grace: "write" },
    calls: [],
    onCall: () => undefined,
    failAt: 0,
    refuses: () => false,
    leaves: () => [],
    mayResolve: true,
    assigned: [],
    ...board,
  };
}

const absent = async (): Promise<never> => Promise.reject(new Error("not part of this host"));

/** A host of one pull request over a board. What reviews of pull requests do not call is not there. */
export function pullHost(board: PullBoard): CodeHost {
  const call = async <T>(name: string, work: () => T): Promise<T> => {
    board.calls.push(name);
    board.onCall(board.calls.length);
    if (board.calls.length === board.failAt) {
      throw new SkeinError(hostingErrors.unreachable);
    }
    return Promise.resolve(work());
  };
  return {
    name: "acme/shop",
    self: async () => call("self", () => skeinBot),
    repository: absent,
    permissionOf: async (login) => call("permissionOf", () => board.permissions[login] ?? "none"),
    issues: { ...absentIssues(), ...commentsOf(board, call), ...marksOf(board, call) },
    pulls: {
      get: async () => call("pulls.get", () => board.pull),
      open: async () => call("pulls.open", () => [board.pull]),
      ofCommit: absent,
      verdicts: async () => call("verdicts", () => []),
      publishReview: async (_number, review) =>
        call("publishReview", () => {
          if (board.refuses(review)) {
            return { kind: "refused" as const, reason: "line must be part of the diff" };
          }
          publish(board, review);
          return {
            kind: "created" as const,
            reviewId: board.reviews.length,
            left: board.leaves(review),
          };
        }),
      threads: async () => call("threads", () => [...board.threads]),
      resolveThread: async (id) =>
        call("resolveThread", () => {
          if (!board.mayResolve) {
            return "denied" as const;
          }
          board.resolved.push(id);
          return "resolved" as const;
        }),
      reply: async (_number, _id, body) => call("reply", () => void board.replies.push(body)),
    },
    checks: {
      list: async (sha, name) =>
        call("checks.list", () =>
          board.checks
            .map((report, index) => ({ ...report, id: index + 1, appId: null }))
            .filter((report) => report.headSha === sha && report.name === name)
            .toReversed(),
        ),
      latest: async () => call("checks.latest", () => []),
      report: async (report, replaces) =>
        call("checks.report", () => {
          board.replaced.push(...(replaces === null ? [] : [replaces]));
          board.checks.push(report);
          const { name, headSha, conclusion, externalId } = report;
          return { id: board.checks.length, name, headSha, conclusion, externalId, appId: null };
        }),
      uploadSarif: absent,
    },
    files: {
      read: async () => call("files.read", () => null),
      readFirst: async () => call("files.readFirst", () => null),
      resolve: async () => call("files.resolve", () => null),
    },
    close: async () => Promise.resolve(),
  };
}

function publish(board: PullBoard, review: NewReview): void {
  board.reviews.push(review);
  for (const { body, anchor } of review.comments) {
    board.threads.push(aThread(body, { path: anchor.path }));
  }
}

type Call = <T>(name: string, work: () => T) => Promise<T>;

function commentsOf(
  board: PullBoard,
  call: Call,
): Pick<CodeHost["issues"], "comments" | "comment" | "editComment"> {
  return {
    comments: async () => call("comments", () => [...board.comments]),
    comment: async (_number, body) =>
      call("comment", () => {
        const comment = written(body, board.comments.length + 1);
        board.comments.push(comment);
        return comment;
      }),
    editComment: async (id, body) =>
      call("editComment", () => {
        const comment = written(body, id);
        board.comments = board.comments.map((each) => (each.id === id ? comment : each));
        return comment;
      }),
  };
}

function marksOf(
  board: PullBoard,
  call: Call,
): Pick<CodeHost["issues"], "addLabels" | "assign" | "react"> {
  return {
    addLabels: async (_number, labels) =>
      call("addLabels", () => {
        const all = new Set([...board.pull.labels, ...labels]);
        board.pull = { ...board.pull, labels: [...all] };
      }),
    assign: async (_number, login) =>
      call("assign", () => {
        board.assigned = [...new Set([...board.assigned, login])];
        return true;
      }),
    react: async () => call("react", () => undefined),
  };
}

function absentIssues(): Omit<CodeHost["issues"], "comments" | "comment" | "editComment"> {
  return {
    get: absent,
    list: absent,
    create: absent,
    update: absent,
    addLabels: absent,
    removeLabel: absent,
    assign: absent,
    children: absent,
    addChild: absent,
    blockers: absent,
    addBlocker: absent,
    removeBlocker: absent,
    react: absent,
  };
}

function written(body: string, id: number): IssueComment {
  return {
    id,
    author: skeinBot,
    body,
    url: "https://example.org/c",
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

/** What models thought; fails where none was asked. */
export function publicationIn(thought: Thought): Publication {
  if (thought.kind === "unasked") {
    throw thought.error;
  }
  return thought.publication;
}
