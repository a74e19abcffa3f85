import type {
  NewReview,
  NewReviewComment,
  PullHost,
  ReviewOutcome,
} from "../../core/hosting/index.ts";
import { ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { createOnce, markOf } from "./creating.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import { isFailure } from "./failures.ts";
import type { Parts } from "./issues.ts";
import { needId, needObject, userOf } from "./shapes.ts";
import type { Values, Wire } from "./wire.ts";

const one = "/repos/{owner}/{repo}/pulls/{pull_number}";

/** Where a review goes. */
interface Target {
  readonly number: number;
  readonly headSha: string;
}

/**
 * Publishes a review: what stands on lines in one request, all or nothing, and then what stands on whole files, which the host takes one by
 * one only.
 */
export function createReviews(parts: Parts): PullHost["publishReview"] {
  const { wire } = parts;
  return async (number, review) => {
    const target = { number, headSha: review.headSha };
    const onFiles = review.comments.filter(({ anchor }) => anchor.kind === "file");
    const onLines = review.comments.filter(({ anchor }) => anchor.kind === "line");
    try {
      const reviewId =
        review.body === "" && onLines.length === 0
          ? null
          : await publishLines(parts, target, { ...review, comments: onLines });
      return await publishFiles(wire, target, { onFiles, reviewId });
    } catch (error) {
      if (isFailure(error, hostingErrors.rejected, 422)) {
        return { kind: "refused", reason: ownText(error.facts, "host_said") ?? "" };
      }
      throw error;
    }
  };
}

async function publishLines(parts: Parts, target: Target, review: NewReview): Promise<number> {
  const { wire } = parts;
  const marks = marksOf(review);
  const make = async (): Promise<number> => {
    const made = await wire.make(`POST ${one}/reviews`, {
      pull_number: target.number,
      commit_id: target.headSha,
      event: "COMMENT",
      ...(review.body === "" ? {} : { body: review.body }),
      comments: review.comments.map((comment) => ({ ...anchorOf(comment), body: comment.body })),
    });
    return needId(needObject(made, "the review"), "id");
  };
  const look = async (): Promise<number | null> => lookFor(parts, target, marks);
  return createOnce({ make, look }, marks.size > 0);
}

/** Every mark in a review's texts. */
function marksOf({ body, comments }: NewReview): ReadonlySet<string> {
  const texts = [body, ...comments.map((comment) => comment.body)];
  return new Set(texts.map(markOf).filter((mark) => mark !== null));
}

/** Finds a review of ours by a mark in its own text or in that of one of its comments. */
async function lookFor(
  { wire, self }: Parts,
  { number, headSha }: Target,
  marks: ReadonlySet<string>,
): Promise<number | null> {
  const { id } = await self();
  const isOurs = (row: LooseObject): boolean =>
    userOf(row, "user").id === id && marks.has(markOf(ownText(row, "body") ?? "") ?? "");
  const reviews = await wire.list(`GET ${one}/reviews`, { pull_number: number });
  const review = reviews.find((row) => isOurs(row) && ownText(row, "commit_id") === headSha);
  if (review !== undefined) {
    return needId(review, "id");
  }
  const comments = await wire.list(`GET ${one}/comments`, { pull_number: number });
  const comment = comments.find(
    (row) => isOurs(row) && ownText(row, "original_commit_id") === headSha,
  );
  return comment === undefined ? null : needId(comment, "pull_request_review_id");
}

function anchorOf({ anchor }: NewReviewComment): Values {
  if (anchor.kind === "file") {
    return { path: anchor.path, subject_type: "file" };
  }
  const side = anchor.side === "old" ? "LEFT" : "RIGHT";
  const start = anchor.startLine === null ? {} : { start_line: anchor.startLine, start_side: side };
  return { path: anchor.path, line: anchor.line, side, ...start };
}

interface OnFiles {
  readonly onFiles: readonly NewReviewComment[];
  /** Null: nothing was published yet. */
  readonly reviewId: number | null;
}

/** A comment that the host refuses after others were published is told, so that its words find another place. */
async function publishFiles(
  wire: Wire,
  { number, headSha }: Target,
  { onFiles, reviewId }: OnFiles,
): Promise<ReviewOutcome> {
  const left: NewReviewComment[] = [];
  let id = reviewId;
  for (const comment of onFiles) {
    try {
      const made = await wire.make(`POST ${one}/comments`, {
        pull_number: number,
        commit_id: headSha,
        ...anchorOf(comment),
        body: comment.body,
      });
      id ??= needId(needObject(made, "the comment"), "pull_request_review_id");
    } catch (error) {
      if (id === null || !isFailure(error, hostingErrors.rejected, 422)) {
        throw error;
      }
      left.push(comment);
    }
  }
  return id === null
    ? { kind: "refused", reason: "There is nothing to publish." }
    : { kind: "created", reviewId: id, left };
}
