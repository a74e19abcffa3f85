import { verify } from "@octokit/webhooks-methods";
import { describe, expect, test } from "vitest";
import { webhookFaults } from "../../support/github/description.ts";
import type { HookFacts } from "../../support/github/webhooks.ts";
import { aStand } from "./stand.ts";
import type { Stand } from "./stand.ts";

interface Facts {
  readonly stand: Stand;
  readonly issue: HookFacts;
  readonly pull: HookFacts;
}

/** A repository with one of everything. */
async function everything(): Promise<Facts> {
  const stand = await aStand();
  const { github, bot, repo, fullName } = stand;
  const [installation] = github.hub.installations.values();
  const common = { repository: fullName, sender: "wes", installation };
  const parent = github.openIssue(fullName, { title: "All", author: "ada", labels: ["skein"] });
  const child = github.openIssue(fullName, { title: "Part", author: "ada" });
  const comment = github.comment(fullName, parent.number, { author: "wes", body: "/skein plan" });
  const after = await github.commit(fullName, { branch: "topic", files: { "a.txt": "a\n" } });
  const { number, baseSha } = await github.openPull(fullName, {
    title: "Add a",
    author: "wes",
    head: "topic",
    labels: ["skein"],
  });
  const { data: review } = await bot.rest.pulls.createReview({
    ...repo,
    pull_number: number,
    event: "COMMENT",
    body: "Look",
    comments: [{ path: "a.txt", line: 1, body: "Here" }],
  });
  const { data: run } = await bot.rest.checks.create({
    ...repo,
    name: "skein/review",
    head_sha: after,
    conclusion: "success",
  });
  const { data: status } = await bot.rest.repos.createCommitStatus({
    ...repo,
    sha: after,
    state: "success",
  });
  const [reviewComment] = github.repository(fullName).reviewComments.keys();
  return {
    stand,
    issue: {
      ...common,
      number: parent.number,
      label: "skein",
      commentId: comment.id,
      parent: parent.number,
      child: child.number,
      blocked: parent.number,
      blocking: child.number,
      changes: { body: { from: "before" } },
    },
    pull: {
      ...common,
      number,
      label: "skein",
      reviewId: Number(review.id),
      commentId: reviewComment,
      checkRunId: Number(run.id),
      checkSuiteId: run.check_suite?.id,
      statusId: status.id,
      before: baseSha,
      after,
      ref: "refs/heads/topic",
      changes: { title: { from: "before" } },
      requestedAction: "retry",
    },
  };
}

const ofIssues = [
  ...["opened", "edited", "closed", "reopened", "labeled", "unlabeled"].map((it) => `issues.${it}`),
  ...["created", "edited", "deleted"].map((it) => `issue_comment.${it}`),
  ...["sub_issue_added", "sub_issue_removed", "parent_issue_added", "parent_issue_removed"].map(
    (it) => `sub_issues.${it}`,
  ),
  ...["blocked_by_added", "blocked_by_removed", "blocking_added", "blocking_removed"].map(
    (it) => `issue_dependencies.${it}`,
  ),
  ...["created", "deleted", "suspend", "unsuspend"].map((it) => `installation.${it}`),
  ...["added", "removed"].map((it) => `installation_repositories.${it}`),
  "ping",
];

const ofPulls = [
  ...[
    "opened",
    "edited",
    "synchronize",
    "reopened",
    "closed",
    "labeled",
    "unlabeled",
    "ready_for_review",
    "converted_to_draft",
  ].map((it) => `pull_request.${it}`),
  ...["submitted", "dismissed"].map((it) => `pull_request_review.${it}`),
  "pull_request_review_comment.created",
  ...["resolved", "unresolved"].map((it) => `pull_request_review_thread.${it}`),
  ...["completed", "rerequested", "requested_action"].map((it) => `check_run.${it}`),
  ...["completed", "requested", "rerequested"].map((it) => `check_suite.${it}`),
  "push",
  "status",
];

describe("webhooks of the fake GitHub", () => {
  test.each([
    ["issues and installations", "issue", ofIssues],
    ["pull requests, checks and pushes", "pull", ofPulls],
  ] as const)("every event of %s fits GitHub's description", async (_, kind, events) => {
    const { stand, [kind]: facts } = await everything();

    const faults: string[] = [];
    for (const event of events) {
      await stand.github.webhookOf(event, facts).catch((error: unknown) => {
        faults.push(String(error));
      });
    }

    expect(faults.join("\n")).toBe("");
  });

  test("a delivery is signed with the secret, and says what happened to what", async () => {
    const { stand, issue } = await everything();

    const hook = await stand.github.webhookOf("issue_comment.created", issue);
    const signature = hook.headers("a secret")["x-hub-signature-256"] ?? "";

    expect(await verify("a secret", hook.body, signature)).toBe(true);
    expect(await verify("another", hook.body, signature)).toBe(false);
    expect(hook.payload).toMatchObject({
      action: "created",
      comment: { body: "/skein plan", user: { login: "wes" } },
      issue: { number: 1 },
      repository: { full_name: "ada/engine" },
      sender: { login: "wes" },
    });
  });

  test("an issue that an App made has the same events", async () => {
    const { github, bot, repo, fullName } = await aStand();
    const made = await bot.rest.issues.create({ ...repo, title: "A part" });
    const facts = { repository: fullName, number: made.data.number, sender: "wes" };
    await bot.rest.issues.update({ ...repo, issue_number: made.data.number, state: "closed" });

    for (const action of ["opened", "edited", "closed", "reopened"]) {
      const { payload } = await github.webhookOf(`issues.${action}`, facts);
      expect(payload).toMatchObject({
        issue: { user: { login: "skein[bot]" }, performed_via_github_app: { slug: "skein" } },
      });
    }
  });

  test("a payload with a field that GitHub has not is a fault, and so is a missing one", async () => {
    const { stand, issue } = await everything();
    const { payload } = await stand.github.webhookOf("issues.opened", issue);
    const { sender: _, ...anonymous } = payload;

    expect(webhookFaults("issues.opened", { ...payload, mood: "good" })).not.toEqual([]);
    expect(webhookFaults("issues.opened", anonymous)).not.toEqual([]);
    expect(webhookFaults("issues.opened", payload)).toEqual([]);
  });

  test("an event whose facts are missing is not built", async () => {
    const { stand } = await everything();

    const built = stand.github.webhookOf("issues.opened", {
      sender: "wes",
      repository: "ada/engine",
    });

    await expect(built).rejects.toThrow("needs a number");
  });
});
