import { placeAnchor } from "./anchors.ts";
import type { FileDiff } from "./diff.ts";
import { hunkText } from "./diff.ts";
import { isObject, listIn, numberIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  inRepository,
  nothing,
  notFound,
  numberParam,
  ok,
  page,
  Refusal,
  refuse,
  errorBody,
  unprocessable,
} from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import { checkedBody } from "./routes-issues.ts";
import { pullOf } from "./routes-pulls.ts";
import { mineOrManaged } from "./routes-talk.ts";
import { pullCommits, pullDiff } from "./pull-sync.ts";
import type { Anchor, Review, ReviewComment, ReviewState } from "./state.ts";
import { atLeast, roleOf } from "./views-base.ts";
import { positionIn, reviewCommentView, reviewView } from "./views-pulls.ts";
import type { PlacedPull } from "./views-pulls.ts";

const reviewPath = "/pulls/{pull_number}/reviews";

/** Reviews and the comments in the diff. */
export const reviewRoutes: readonly Route[] = [
  inRepository(`GET ${reviewPath}`, needs.readPulls, (call) => {
    const { pull } = pullOf(call);
    const seen = [...call.repository.reviews.values()].filter(
      (review) => review.pullNumber === pull.number && isShown(call, review),
    );
    return page(call, seen, (review) => reviewView(call.hub, call.repository, review));
  }),
  inRepository(`POST ${reviewPath}`, needs.writePulls, createReview),
  inRepository(`GET ${reviewPath}/{review_id}`, needs.readPulls, (call) =>
    shown(call, reviewOf(call)),
  ),
  inRepository(`PUT ${reviewPath}/{review_id}`, needs.writePulls, (call) => {
    const body = checkedBody("PullRequestReview", textIn(call.body, "body") ?? "", false);
    return shown(call, keep(call, { ...own(call, reviewOf(call)), body }));
  }),
  inRepository(`DELETE ${reviewPath}/{review_id}`, needs.writePulls, (call) => {
    const review = own(call, reviewOf(call));
    if (review.state !== "PENDING") {
      throw unprocessable("Can not delete a non-pending pull request review");
    }
    call.repository.reviews.delete(review.id);
    for (const comment of commentsOf(call, review)) {
      call.repository.reviewComments.delete(comment.id);
    }
    return shown(call, review);
  }),
  inRepository(`GET ${reviewPath}/{review_id}/comments`, needs.readPulls, (call) =>
    page(call, commentsOf(call, reviewOf(call)), (comment) => oldStyle(view(call, comment))),
  ),
  inRepository(`PUT ${reviewPath}/{review_id}/dismissals`, needs.managePulls, (call) => {
    const review = reviewOf(call);
    if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED") {
      throw unprocessable(`Can not dismiss a ${review.state.toLowerCase()} pull request review`);
    }
    return shown(call, keep(call, { ...review, state: "DISMISSED" }));
  }),
  inRepository(`POST ${reviewPath}/{review_id}/events`, needs.writePulls, (call) => {
    const review = own(call, reviewOf(call));
    const state = decidedState(call, pullOf(call));
    if (review.state !== "PENDING") {
      throw unprocessable("Can not submit a non-pending pull request review");
    }
    const body = textIn(call.body, "body") ?? review.body;
    return shown(call, keep(call, { ...review, state, body, submittedAtMs: call.hub.nowMs() }));
  }),
  ...commentRoutes(),
];

function commentRoutes(): readonly Route[] {
  return [
    inRepository("GET /pulls/comments", needs.readPulls, (call) =>
      page(call, listed(call, null), (comment) => view(call, comment)),
    ),
    inRepository("GET /pulls/{pull_number}/comments", needs.readPulls, (call) =>
      page(call, listed(call, pullOf(call).pull.number), (comment) => view(call, comment)),
    ),
    inRepository("POST /pulls/{pull_number}/comments", needs.writePulls, createComment),
    inRepository(
      "POST /pulls/{pull_number}/comments/{comment_id}/replies",
      needs.writePulls,
      (call) => reply(call, numberParam(call, "comment_id")),
    ),
    inRepository("GET /pulls/comments/{comment_id}", needs.readPulls, (call) =>
      ok(view(call, commentOf(call))),
    ),
    inRepository("PATCH /pulls/comments/{comment_id}", needs.writePulls, (call) => {
      const comment: ReviewComment = {
        ...mineOrManaged(call, commentOf(call)),
        body: checkedBody("PullRequestReviewComment", textIn(call.body, "body") ?? "", false),
        updatedAtMs: call.hub.nowMs(),
      };
      call.repository.reviewComments.set(comment.id, comment);
      return ok(view(call, comment));
    }),
    inRepository("DELETE /pulls/comments/{comment_id}", needs.writePulls, (call) => {
      call.repository.reviewComments.delete(mineOrManaged(call, commentOf(call)).id);
      return nothing;
    }),
  ];
}

/** All comments are placed before the first is kept: one bad anchor refuses the whole review. */
async function createReview(call: RepositoryCall): Promise<Reply> {
  const placed = pullOf(call);
  const { actor } = callerOf(call);
  const state = decidedState(call, placed);
  const body = checkedBody("PullRequestReview", textIn(call.body, "body") ?? "", true);
  const asked = listIn(call.body, "comments").filter(isObject);
  const needsBody = state === "COMMENTED" || state === "CHANGES_REQUESTED";
  if (needsBody && body.trim() === "" && asked.length === 0) {
    throw unprocessable("Review body is required");
  }
  const hasPending = [...call.repository.reviews.values()].some(
    (review) =>
      review.state === "PENDING" &&
      review.author.id === actor.id &&
      review.pullNumber === placed.pull.number,
  );
  if (hasPending) {
    throw unprocessable("User can only have one pending review per pull request");
  }
  const commitId = await commitIn(call, placed, textIn(call.body, "commit_id"));
  const files = asked.length === 0 ? [] : await pullDiff(placed.repository, placed.pull, commitId);
  const found = asked.map((comment) => ({ comment, at: placeAnchor(files, comment) }));
  const problems = found.flatMap(({ at }) => (at.kind === "bad" ? [reviewProblem(at.field)] : []));
  if (problems.length > 0) {
    throw unprocessable(...new Set(problems));
  }
  const review = addReview(call, { placed, state, body, commitId });
  for (const { comment, at } of found) {
    if (at.kind === "placed") {
      const text = checkedBody("PullRequestReviewComment", textIn(comment, "body") ?? "", false);
      addReviewComment(call, { ...at, review, body: text });
    }
  }
  return shown(call, review);
}

/** A single comment is a review of its own. */
async function createComment(call: RepositoryCall): Promise<Reply> {
  const inReplyTo = numberIn(call.body, "in_reply_to");
  if (inReplyTo !== null) {
    return reply(call, inReplyTo);
  }
  const placed = pullOf(call);
  const body = checkedBody("PullRequestReviewComment", textIn(call.body, "body") ?? "", false);
  const commitId = await commitIn(call, placed, textIn(call.body, "commit_id"));
  const files = await pullDiff(placed.repository, placed.pull, commitId);
  const at = placeAnchor(files, call.body);
  if (at.kind === "bad") {
    throw commentProblem(at.field, at.problem);
  }
  const review = addReview(call, { placed, state: "COMMENTED", body: "", commitId });
  return ok(view(call, addReviewComment(call, { ...at, review, body })), 201);
}

function reply(call: RepositoryCall, id: number): Reply {
  const placed = pullOf(call);
  const parent = call.repository.reviewComments.get(id);
  if (parent === undefined || parent.pullNumber !== placed.pull.number) {
    throw notFound();
  }
  if (parent.inReplyTo !== null) {
    throw refuse(422, "Replies to replies are not supported.");
  }
  const body = checkedBody("PullRequestReviewComment", textIn(call.body, "body") ?? "", false);
  const commitId = placed.pull.headSha;
  const review = addReview(call, { placed, state: "COMMENTED", body: "", commitId });
  const nowMs = call.hub.nowMs();
  const comment: ReviewComment = {
    ...parent,
    id: call.hub.nextId(),
    reviewId: review.id,
    author: callerOf(call).actor,
    body,
    inReplyTo: parent.id,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    minimized: null,
  };
  call.repository.reviewComments.set(comment.id, comment);
  return ok(view(call, comment), 201);
}

/** The state that an event means, for the one who asks. */
function decidedState(call: RepositoryCall, { issue }: PlacedPull): ReviewState {
  const event = textIn(call.body, "event");
  const { actor, kind } = callerOf(call);
  const isOwn = issue.author.id === actor.id;
  switch (event) {
    case null:
      return "PENDING";
    case "APPROVE":
      if (kind === "job" && !call.hub.features.jobsApprove) {
        throw unprocessable("GitHub Actions is not permitted to approve pull requests.");
      }
      if (isOwn) {
        throw unprocessable("Can not approve your own pull request");
      }
      return "APPROVED";
    case "REQUEST_CHANGES":
      if (isOwn) {
        throw unprocessable("Can not request changes on your own pull request");
      }
      return "CHANGES_REQUESTED";
    default:
      return "COMMENTED";
  }
}

interface NewReview {
  readonly placed: PlacedPull;
  readonly state: ReviewState;
  readonly body: string;
  readonly commitId: string;
}

function addReview(call: RepositoryCall, { placed, state, body, commitId }: NewReview): Review {
  const { actor } = callerOf(call);
  const submittedAtMs = state === "PENDING" ? null : call.hub.nowMs();
  const { pull } = placed;
  call.repository.pulls.set(pull.number, {
    ...pull,
    requestedReviewers: pull.requestedReviewers.filter(({ id }) => id !== actor.id),
  });
  return keep(call, {
    id: call.hub.nextId(),
    pullNumber: pull.number,
    author: actor,
    state,
    body,
    commitId,
    submittedAtMs,
  });
}

interface NewReviewComment {
  readonly review: Review;
  readonly anchor: Anchor;
  readonly file: FileDiff;
  readonly body: string;
}

function addReviewComment(
  { hub, repository }: RepositoryCall,
  { review, anchor, file, body }: NewReviewComment,
): ReviewComment {
  const nowMs = hub.nowMs();
  const comment: ReviewComment = {
    id: hub.nextId(),
    pullNumber: review.pullNumber,
    reviewId: review.id,
    author: review.author,
    body,
    original: anchor,
    current: anchor,
    originalCommit: review.commitId,
    commit: review.commitId,
    diffHunk: hunkText(file, anchor),
    position: positionIn(file, anchor),
    inReplyTo: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    minimized: null,
  };
  repository.reviewComments.set(comment.id, comment);
  return comment;
}

/** The commit that a review is of: one of the pull request's, its head unless it is said. */
async function commitIn(
  call: RepositoryCall,
  { repository, pull }: PlacedPull,
  asked: string | null,
): Promise<string> {
  if (asked === null || asked === pull.headSha) {
    return pull.headSha;
  }
  const commits = await pullCommits(repository, pull);
  if (!commits.includes(asked)) {
    throw call.params["comment_id"] === undefined && "event" in call.body
      ? unprocessable("Commit_id is not part of the pull request")
      : commentProblem("commit_id", "is not part of the pull request");
  }
  return asked;
}

/** What POST reviews says about a bad anchor: sentences, without saying which comment. */
function reviewProblem(field: string): string {
  const name = field.replaceAll("_", " ");
  const what = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
  return `${what} could not be resolved`;
}

/** What POST comments says about a bad anchor: facts about a field. */
function commentProblem(field: string, problem: string): Refusal {
  const name = `pull_request_review_thread.${field}`;
  const facts: JsonObject = {
    resource: "PullRequestReviewComment",
    code: "custom",
    field: name,
    message: `${name} ${problem}`,
  };
  return new Refusal({
    status: 422,
    body: { ...errorBody(422, "Validation Failed"), errors: [facts] },
  });
}

function view(call: RepositoryCall, comment: ReviewComment): JsonObject {
  return reviewCommentView(call.hub, call.repository, comment);
}

/** The comments of one review are shown without the line of the head. */
function oldStyle(shownComment: JsonObject): JsonObject {
  const { subject_type: _, ...others } = shownComment;
  return others;
}

function shown(call: RepositoryCall, review: Review): Reply {
  return ok(reviewView(call.hub, call.repository, review));
}

function keep(call: RepositoryCall, review: Review): Review {
  call.repository.reviews.set(review.id, review);
  return review;
}

function reviewOf(call: RepositoryCall): Review {
  const review = call.repository.reviews.get(numberParam(call, "review_id"));
  if (review?.pullNumber !== pullOf(call).pull.number || !isShown(call, review)) {
    throw notFound();
  }
  return review;
}

/** A pending review is seen by its author alone. */
function isShown({ identity }: RepositoryCall, review: Review): boolean {
  return review.state !== "PENDING" || review.author.id === identity?.actor.id;
}

function own(call: RepositoryCall, review: Review): Review {
  const identity = callerOf(call);
  const isManager =
    identity.kind === "user" && atLeast(roleOf(call.repository, identity.actor), "admin");
  if (review.author.id !== identity.actor.id && !isManager) {
    throw notFound();
  }
  return review;
}

function commentOf(call: RepositoryCall): ReviewComment {
  const comment = call.repository.reviewComments.get(numberParam(call, "comment_id"));
  if (comment === undefined) {
    throw notFound();
  }
  return comment;
}

function commentsOf(call: RepositoryCall, review: Review): readonly ReviewComment[] {
  return [...call.repository.reviewComments.values()].filter(
    ({ reviewId }) => reviewId === review.id,
  );
}

function listed(call: RepositoryCall, number: number | null): readonly ReviewComment[] {
  const { query, repository } = call;
  const from = query.get("since");
  const key = query.get("sort") === "updated" ? "updatedAtMs" : "createdAtMs";
  const sign = query.get("direction") === "desc" ? -1 : 1;
  return [...repository.reviewComments.values()]
    .filter((comment) => {
      const review = repository.reviews.get(comment.reviewId);
      return (
        (number === null || comment.pullNumber === number) &&
        (review === undefined || review.state !== "PENDING") &&
        (from === null || comment.updatedAtMs >= Date.parse(from))
      );
    })
    .toSorted((a, b) => sign * (a[key] - b[key] || a.id - b.id));
}
