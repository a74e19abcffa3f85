import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { PullEnd, PullRequest, Verdict } from "../../core/hosting/index.ts";
import { labelsOf, needId, needName, needObject, needText, needTimeMs, userOf } from "./shapes.ts";

/** @throws {SkeinError} SKN-7652 */
export function readPull(value: unknown): PullRequest {
  const pull = needObject(value, "the pull request");
  const head = endOf(pull, "head");
  const base = endOf(pull, "base");
  const isMerged = (ownText(pull, "merged_at") ?? "") !== "";
  return {
    id: needId(pull, "id"),
    number: needId(pull, "number"),
    title: needText(pull, "title"),
    body: ownText(pull, "body") ?? "",
    isOpen: needText(pull, "state") === "open",
    isMerged,
    isDraft: ownValue(pull, "draft") === true,
    author: userOf(pull, "user"),
    labels: labelsOf(pull),
    head,
    base,
    isFork: head.repository === null || head.repository !== base.repository,
    // While it is open the host names a trial merge here.
    mergeSha: isMerged ? ownText(pull, "merge_commit_sha") : null,
    url: needText(pull, "html_url"),
  };
}

function endOf(pull: LooseObject, key: "head" | "base"): PullEnd {
  const end = ownObject(pull, key);
  const repository = ownValue(end, "repo");
  return {
    branch: needText(end, "ref"),
    sha: needText(end, "sha"),
    repository: isLooseObject(repository) ? needName(repository, "full_name") : null,
  };
}

const verdicts: Readonly<Record<string, Verdict["kind"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
};

const team: ReadonlySet<string> = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

/** Null for a review that its author has not sent yet. */
export function readVerdict(review: LooseObject): Verdict | null {
  const state = needText(review, "state");
  const kind = Object.hasOwn(verdicts, state) ? verdicts[state] : undefined;
  const sha = ownText(review, "commit_id");
  return kind === undefined || ownText(review, "submitted_at") === null
    ? null
    : {
        author: userOf(review, "user"),
        kind,
        sha: sha ?? "",
        atMs: needTimeMs(review, "submitted_at"),
        isOfTeam: team.has(ownText(review, "author_association") ?? ""),
      };
}
