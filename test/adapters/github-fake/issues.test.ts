import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";

describe("issues of the fake GitHub", () => {
  test("an issue is created, changed, closed, reopened and listed", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;

    const { data: created } = await bot.rest.issues.create({
      ...repo,
      title: "Stop the engine",
      body: "It runs.",
      labels: ["skein:plan"],
    });
    await bot.rest.issues.update({ ...repo, issue_number: created.number, title: "Halt" });
    const { data: closed } = await bot.rest.issues.update({
      ...repo,
      issue_number: created.number,
      state: "closed",
      state_reason: "not_planned",
    });
    const { data: open } = await bot.rest.issues.listForRepo(repo);
    const { data: all } = await bot.rest.issues.listForRepo({
      ...repo,
      state: "all",
      labels: "skein:plan",
      creator: "skein[bot]",
    });

    expect(created.user?.login).toBe("skein[bot]");
    expect(created.performed_via_github_app?.slug).toBe("skein");
    expect(created.id).not.toBe(created.number);
    expect([closed.state, closed.state_reason, closed.title]).toEqual([
      "closed",
      "not_planned",
      "Halt",
    ]);
    expect(open).toEqual([]);
    expect(all.map(({ number }) => number)).toEqual([created.number]);
    expectNoViolations(stand);
  });

  test("a list of 130 issues comes in pages with links", async () => {
    const stand = await aStand();
    for (let number = 1; number <= 130; number += 1) {
      stand.github.openIssue(stand.fullName, { title: `Part ${String(number)}`, author: "ada" });
    }

    const all = await stand.bot.paginate(stand.bot.rest.issues.listForRepo, {
      ...stand.repo,
      per_page: 100,
    });
    const { headers } = await stand.bot.rest.issues.listForRepo(stand.repo);

    expect(all).toHaveLength(130);
    expect(headers.link).toContain('page=2>; rel="next"');
    expect(headers.link).toContain('page=5>; rel="last"');
    expectNoViolations(stand);
  });

  test("somebody without a role may open an issue, but labels are dropped and others' issues stay", async () => {
    const stand = await aStand();
    const issue = stand.github.openIssue(stand.fullName, { title: "Old", author: "ada" });

    const { data } = await stand.stranger.rest.issues.create({
      ...stand.repo,
      title: "Hello",
      labels: ["skein:approved"],
    });
    const refused = await refusal(
      stand.stranger.rest.issues.update({
        ...stand.repo,
        issue_number: issue.number,
        state: "closed",
      }),
    );
    const relabeled = await refusal(
      stand.stranger.rest.issues.addLabels({
        ...stand.repo,
        issue_number: data.number,
        labels: ["skein:approved"],
      }),
    );

    expect(data.labels).toEqual([]);
    expect([refused.status, relabeled.status]).toEqual([403, 403]);
    expectNoViolations(stand);
  });

  test("labels are made as they are used, and come and go without regard to case", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { number } = stand.github.openIssue(stand.fullName, { title: "Sort me", author: "ada" });
    const target = { ...repo, issue_number: number };

    await bot.rest.issues.createLabel({ ...repo, name: "Bug", color: "ff0000" });
    const { data: two } = await bot.rest.issues.addLabels({ ...target, labels: ["bug", "new"] });
    await bot.rest.issues.removeLabel({ ...target, name: "BUG" });
    const again = await refusal(bot.rest.issues.removeLabel({ ...target, name: "bug" }));
    const twice = await refusal(bot.rest.issues.createLabel({ ...repo, name: "bug" }));
    const { data: left } = await bot.rest.issues.listLabelsOnIssue(target);

    expect(two.map(({ name }) => name)).toEqual(["Bug", "new"]);
    expect([again.status, twice.status]).toEqual([404, 422]);
    expect(left.map(({ name }) => name)).toEqual(["new"]);
    expectNoViolations(stand);
  });

  test("comments are written, changed, listed and deleted; too long a text is refused", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { number } = stand.github.openIssue(stand.fullName, { title: "Talk", author: "ada" });

    const { data: comment } = await bot.rest.issues.createComment({
      ...repo,
      issue_number: number,
      body: "First",
    });
    await bot.rest.issues.updateComment({ ...repo, comment_id: comment.id, body: "Second" });
    const foreign = await refusal(
      stand.stranger.rest.issues.updateComment({ ...repo, comment_id: comment.id, body: "Mine" }),
    );
    const long = await refusal(
      bot.rest.issues.createComment({ ...repo, issue_number: number, body: "x".repeat(65_537) }),
    );
    const { data: listed } = await bot.rest.issues.listComments({ ...repo, issue_number: number });
    await bot.rest.issues.deleteComment({ ...repo, comment_id: comment.id });
    const gone = await refusal(bot.rest.issues.getComment({ ...repo, comment_id: comment.id }));

    expect(listed.map(({ body, user }) => [body, user?.login])).toEqual([["Second", "skein[bot]"]]);
    expect([foreign.status, long.status, gone.status]).toEqual([403, 422, 404]);
    expect(long.text).toContain("maximum is 65536 characters");
    expectNoViolations(stand);
  });

  test("a locked issue takes comments of those who may write only", async () => {
    const stand = await aStand();
    const { repo, github, fullName } = stand;
    const issue = github.openIssue(fullName, { title: "Hot", author: "ada" });
    github.repository(fullName).issues.set(issue.number, { ...issue, isLocked: true });
    const comment = { ...repo, issue_number: issue.number, body: "More" };

    const refused = await refusal(stand.stranger.rest.issues.createComment(comment));
    const { status } = await stand.writer.rest.issues.createComment(comment);

    expect([refused.status, status]).toEqual([403, 201]);
    expectNoViolations(stand);
  });

  test("a reaction is left once by each, and counted on what it stands on", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { number } = stand.github.openIssue(stand.fullName, { title: "Clap", author: "ada" });
    const comment = stand.github.comment(stand.fullName, number, { author: "ada", body: "Well?" });
    const target = { ...repo, comment_id: comment.id };

    const first = await bot.rest.reactions.createForIssueComment({ ...target, content: "+1" });
    const again = await bot.rest.reactions.createForIssueComment({ ...target, content: "+1" });
    const { data } = await bot.rest.issues.getComment(target);
    await bot.rest.reactions.deleteForIssueComment({ ...target, reaction_id: first.data.id });
    const { data: left } = await bot.rest.reactions.listForIssueComment(target);

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.data.id).toBe(first.data.id);
    expect([data.reactions?.total_count, data.reactions?.["+1"]]).toEqual([1, 1]);
    expect(left).toEqual([]);
    expectNoViolations(stand);
  });

  test("a label is renamed on all that carry it, and leaves them when it is deleted", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const { number } = github.openIssue(fullName, { title: "A", author: "ada", labels: ["old"] });
    const target = { ...repo, issue_number: number };

    await bot.rest.issues.updateLabel({ ...repo, name: "old", new_name: "new", color: "00ff00" });
    const { data: renamed } = await bot.rest.issues.listLabelsOnIssue(target);
    await bot.rest.issues.setLabels({ ...target, labels: ["one", "new"] });
    await bot.rest.issues.deleteLabel({ ...repo, name: "one" });
    const { data: label } = await bot.rest.issues.getLabel({ ...repo, name: "NEW" });
    const { data: left } = await bot.rest.issues.listLabelsForRepo(repo);
    await bot.rest.issues.removeAllLabels(target);
    const { data: none } = await bot.rest.issues.get(target);

    expect([renamed.map(({ name }) => name), label.color]).toEqual([["new"], "00ff00"]);
    expect([left.map(({ name }) => name), none.labels]).toEqual([["new"], []]);
    expectNoViolations(stand);
  });

  test("an issue is given to people, taken from them, and takes reactions itself", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const { number } = github.openIssue(fullName, { title: "A", author: "ada" });
    const target = { ...repo, issue_number: number };

    await bot.rest.issues.addAssignees({ ...target, assignees: ["wes", "ada"] });
    const { data: left } = await bot.rest.issues.removeAssignees({ ...target, assignees: ["ada"] });
    const unknown = await refusal(bot.rest.issues.addAssignees({ ...target, assignees: ["none"] }));
    const { data: reaction } = await bot.rest.reactions.createForIssue({
      ...target,
      content: "eyes",
    });
    const { data: listed } = await bot.rest.reactions.listForIssue(target);
    await bot.rest.reactions.deleteForIssue({ ...target, reaction_id: reaction.id });
    const again = await refusal(
      bot.rest.reactions.deleteForIssue({ ...target, reaction_id: reaction.id }),
    );

    expect([left.assignees?.map(({ login }) => login), unknown.status]).toEqual([["wes"], 422]);
    expect([listed.map(({ content }) => content), again.status]).toEqual([["eyes"], 404]);
    expectNoViolations(stand);
  });

  test("comments of a whole repository are read since a time", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const stand = await aStand({ nowMs: () => nowMs });
    const { bot, repo, github, fullName } = stand;
    const { number } = github.openIssue(fullName, { title: "A", author: "ada" });
    github.comment(fullName, number, { author: "ada", body: "Early" });
    nowMs += 60_000;
    github.comment(fullName, number, { author: "wes", body: "Late" });

    const { data } = await bot.rest.issues.listCommentsForRepo({
      ...repo,
      since: new Date(nowMs).toISOString(),
    });

    expect(data.map(({ body }) => body)).toEqual(["Late"]);
    expectNoViolations(stand);
  });
});
