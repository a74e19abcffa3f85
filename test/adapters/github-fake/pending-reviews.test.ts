import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";
import type { Stand } from "./stand.ts";

async function aPull({ github, fullName }: Stand): Promise<number> {
  await github.commit(fullName, { branch: "topic", files: { "a.txt": "1\n2\n" } });
  const { number } = await github.openPull(fullName, {
    title: "Add a",
    author: "wes",
    head: "topic",
    labels: ["plain"],
  });
  return number;
}

describe("lives of reviews in the fake GitHub", () => {
  test("a pending review is its author's alone until it is submitted", async () => {
    const stand = await aStand();
    const { bot, writer, repo } = stand;
    const target = { ...repo, pull_number: await aPull(stand) };
    const { data: pending } = await bot.rest.pulls.createReview({
      ...target,
      comments: [{ path: "a.txt", line: 1, body: "Hm" }],
    });
    const review = { ...target, review_id: Number(pending.id) };

    const second = await refusal(bot.rest.pulls.createReview(target));
    const unseen = await refusal(writer.rest.pulls.getReview(review));
    const { data: hidden } = await writer.rest.pulls.listReviewComments(target);
    const { data: own } = await bot.rest.pulls.listCommentsForReview(review);
    const { data: submitted } = await bot.rest.pulls.submitReview({
      ...review,
      event: "REQUEST_CHANGES",
      body: "Please",
    });
    const { data: seen } = await writer.rest.pulls.listReviewComments(target);

    expect([pending.state, pending.submitted_at]).toEqual(["PENDING", undefined]);
    expect([second.status, unseen.status]).toEqual([422, 404]);
    expect([hidden.length, own.length, seen.length]).toEqual([0, 1, 1]);
    expect([submitted.state, submitted.body]).toEqual(["CHANGES_REQUESTED", "Please"]);
    expectNoViolations(stand);
  });

  test("a pending review is thrown away with its comments; a submitted one stays", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const target = { ...repo, pull_number: await aPull(stand) };
    const { data: pending } = await bot.rest.pulls.createReview({
      ...target,
      comments: [{ path: "a.txt", line: 1, body: "Hm" }],
    });

    await bot.rest.pulls.deletePendingReview({ ...target, review_id: Number(pending.id) });
    const { data: said } = await bot.rest.pulls.createReview({
      ...target,
      event: "COMMENT",
      body: "Said",
    });
    const refused = await refusal(
      bot.rest.pulls.deletePendingReview({ ...target, review_id: Number(said.id) }),
    );
    const { data: changed } = await bot.rest.pulls.updateReview({
      ...target,
      review_id: Number(said.id),
      body: "Said again",
    });

    expect(github.repository(fullName).reviewComments.size).toBe(0);
    expect([refused.status, changed.body]).toEqual([422, "Said again"]);
    expectNoViolations(stand);
  });

  test("a review that blocks is dismissed by who may push; a comment cannot be", async () => {
    const stand = await aStand();
    const { bot, stranger, repo, github, fullName } = stand;
    const target = { ...repo, pull_number: await aPull(stand) };
    const blocking = github.review(fullName, target.pull_number, {
      author: "ada",
      state: "CHANGES_REQUESTED",
      body: "No",
    });
    const comment = github.review(fullName, target.pull_number, {
      author: "ada",
      state: "COMMENTED",
      body: "Well",
    });
    const dismiss = {
      ...target,
      review_id: blocking.id,
      message: "Done",
      event: "DISMISS",
    } as const;

    const refused = await refusal(stranger.rest.pulls.dismissReview(dismiss));
    const { data: dismissed } = await bot.rest.pulls.dismissReview(dismiss);
    const never = await refusal(
      bot.rest.pulls.dismissReview({ ...dismiss, review_id: comment.id }),
    );

    expect([refused.status, dismissed.state, never.status]).toEqual([403, "DISMISSED", 422]);
    expectNoViolations(stand);
  });

  test("reviewers are asked for and leave the list when they have reviewed", async () => {
    const stand = await aStand();
    const { bot, writer, repo, github } = stand;
    const number = await aPull(stand);
    const target = { ...repo, pull_number: number };
    github.addUser("rita");
    const rita = stand.as(github.userToken("rita"));

    const author = await refusal(
      bot.rest.pulls.requestReviewers({ ...target, reviewers: ["wes"] }),
    );
    await bot.rest.pulls.requestReviewers({ ...target, reviewers: ["rita", "ada"] });
    await rita.rest.pulls.createReview({ ...target, event: "COMMENT", body: "Fine" });
    const { data: left } = await writer.rest.pulls.listRequestedReviewers(target);
    await writer.rest.pulls.removeRequestedReviewers({ ...target, reviewers: ["ADA"] });
    const { data: pull } = await writer.rest.pulls.get(target);

    expect([author.status, left.users.map(({ login }) => login)]).toEqual([422, ["ada"]]);
    expect(pull.requested_reviewers).toEqual([]);
    expectNoViolations(stand);
  });

  test("a pull request is listed by its state and ends, changed by who may, and says when it is merged", async () => {
    const stand = await aStand();
    const { writer, stranger, bot, repo, github, fullName } = stand;
    const target = { ...repo, pull_number: await aPull(stand) };

    const { data: listed } = await bot.rest.pulls.list({
      ...repo,
      head: "ada:topic",
      base: "main",
    });
    const { data: none } = await bot.rest.pulls.list({ ...repo, head: "ada:other" });
    const foreign = await refusal(stranger.rest.pulls.update({ ...target, title: "Mine" }));
    const unmerged = await refusal(bot.rest.pulls.checkIfMerged(target));
    const { data: closed } = await writer.rest.pulls.update({
      ...target,
      state: "closed",
      title: "B",
    });
    const { data: reopened } = await writer.rest.pulls.update({ ...target, state: "open" });
    await github.merge(fullName, target.pull_number, "wes");
    const merged = await bot.rest.pulls.checkIfMerged(target);
    const never = await refusal(writer.rest.pulls.update({ ...target, state: "open" }));

    expect([listed.map(({ labels }) => labels[0]?.name), none]).toEqual([["plain"], []]);
    expect([foreign.status, unmerged.status, merged.status, never.status]).toEqual([
      403, 404, 204, 422,
    ]);
    expect([closed.state, closed.title, reopened.state]).toEqual(["closed", "B", "open"]);
    expectNoViolations(stand);
  });

  test("comments of all pull requests are read, and take reactions", async () => {
    const stand = await aStand();
    const { bot, writer, repo } = stand;
    const target = { ...repo, pull_number: await aPull(stand) };
    await bot.rest.pulls.createReview({
      ...target,
      event: "COMMENT",
      comments: [{ path: "a.txt", position: 2, body: "By position" }],
    });

    const { data: all } = await bot.rest.pulls.listReviewCommentsForRepo(repo);
    const comment = { ...repo, comment_id: Number(all[0]?.id) };
    const { data: added } = await writer.rest.reactions.createForPullRequestReviewComment({
      ...comment,
      content: "-1",
    });
    const { data: read } = await bot.rest.pulls.getReviewComment(comment);
    const { data: reactions } = await bot.rest.reactions.listForPullRequestReviewComment({
      ...comment,
      content: "-1",
    });
    await writer.rest.reactions.deleteForPullRequestComment({ ...comment, reaction_id: added.id });
    const { data: left } = await bot.rest.reactions.listForPullRequestReviewComment(comment);

    expect([read.line, read.position, read.reactions?.["-1"]]).toEqual([2, 2, 1]);
    expect([reactions.map(({ user }) => user?.login), left]).toEqual([["wes"], []]);
    expectNoViolations(stand);
  });
});
