import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { ClosedAs, Issue, IssueComment } from "../../core/hosting/index.ts";
import { labelsOf, needId, needObject, needText, needTimeMs, userOf } from "./shapes.ts";

const endings = ["completed", "not_planned", "duplicate"] as const;

/** @throws {SkeinError} SKN-7652 */
export function readIssue(value: unknown): Issue {
  const issue = needObject(value, "the issue");
  const isOpen = needText(issue, "state") === "open";
  return {
    id: needId(issue, "id"),
    number: needId(issue, "number"),
    title: needText(issue, "title"),
    body: ownText(issue, "body") ?? "",
    isOpen,
    closedAs: isOpen ? null : closedAsOf(issue),
    closedBy:
      isOpen || !isLooseObject(ownValue(issue, "closed_by")) ? null : userOf(issue, "closed_by"),
    labels: labelsOf(issue),
    author: userOf(issue, "user"),
    isPullRequest: isPullRequest(issue),
    url: needText(issue, "html_url"),
    updatedAtMs: needTimeMs(issue, "updated_at"),
  };
}

/** The host lists pull requests among issues. */
export function isPullRequest(issue: LooseObject): boolean {
  const link = ownValue(issue, "pull_request");
  return link !== undefined && link !== null;
}

function closedAsOf(issue: LooseObject): ClosedAs {
  return endings.find((each) => each === ownText(issue, "state_reason")) ?? null;
}

/** @throws {SkeinError} SKN-7652 */
export function readComment(value: unknown): IssueComment {
  const comment = needObject(value, "the comment");
  return {
    id: needId(comment, "id"),
    author: userOf(comment, "user"),
    body: ownText(comment, "body") ?? "",
    url: needText(comment, "html_url"),
    createdAtMs: needTimeMs(comment, "created_at"),
    updatedAtMs: needTimeMs(comment, "updated_at"),
  };
}
