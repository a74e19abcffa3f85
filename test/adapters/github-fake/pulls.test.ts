import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";
import type { Stand } from "./stand.ts";

const before = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** A pull request that changes line 2 and line 9 of `count.txt` and adds `new.txt`. */
async function aPull(stand: Stand): Promise<{ readonly number: number; readonly head: string }> {
  const { github, fullName } = stand;
  await github.commit(fullName, {
    branch: "main",
    files: { "count.txt": text([...before, ...before, ...before]) },
  });
  const changed = [...before, ...before, ...before].with(1, "TWO").with(28, "NINE");
  const head = await github.commit(fullName, {
    branch: "topic",
    files: { "count.txt": text(changed), "new.txt": "hello\nworld\n" },
  });
  const { number } = await github.openPull(fullName, {
    title: "Shout",
    author: "wes",
    head: "topic",
  });
  return { number, head };
}

describe("pull requests of the fake GitHub", () => {
  test("a pull request is opened over the API and shows its files, commits and diff", async () => {
    const stand = await aStand();
    const { github, writer, repo } = stand;
    await github.commit(stand.fullName, { branch: "topic", files: { "a.txt": "a\n" } });

    const { data: pull } = await writer.rest.pulls.create({
      ...repo,
      title: "Add a",
      head: "topic",
      base: "main",
    });
    const target = { ...repo, pull_number: pull.number };
    const { data: files } = await writer.rest.pulls.listFiles(target);
    const { data: commits } = await writer.rest.pulls.listCommits(target);
    const diff = await writer.rest.pulls.get({ ...target, mediaType: { format: "diff" } });
    const twice = await refusal(
      writer.rest.pulls.create({ ...repo, title: "Again", head: "topic", base: "main" }),
    );

    expect([pull.mergeable, pull.changed_files, pull.additions]).toEqual([true, 1, 1]);
    expect(files.map(({ filename, status, patch }) => [filename, status, patch])).toEqual([
      ["a.txt", "added", "@@ -0,0 +1 @@\n+a"],
    ]);
    expect(commits.map(({ sha }) => sha)).toEqual([pull.head.sha]);
    expect(JSON.stringify(diff.data)).toContain("+++ b/a.txt");
    expect(twice.text).toContain("already exists");
    expectNoViolations(stand);
  });

  test("a review is kept with all its comments when every anchor is in the diff", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { number, head } = await aPull(stand);
    const target = { ...repo, pull_number: number };

    const { data: review } = await bot.rest.pulls.createReview({
      ...target,
      commit_id: head,
      event: "COMMENT",
      body: "Two words",
      comments: [
        { path: "count.txt", line: 2, side: "RIGHT", body: "Loud" },
        {
          path: "count.txt",
          start_line: 28,
          start_side: "RIGHT",
          line: 29,
          side: "RIGHT",
          body: "Both",
        },
        { path: "count.txt", line: 2, side: "LEFT", body: "Was quiet" },
      ],
    });
    const { data: comments } = await bot.rest.pulls.listReviewComments(target);

    expect(review.state).toBe("COMMENTED");
    expect(comments.map(({ line, side, start_line }) => [line, side, start_line])).toEqual([
      [2, "RIGHT", null],
      [29, "RIGHT", 28],
      [2, "LEFT", null],
    ]);
    expect(comments[0]?.diff_hunk).toBe("@@ -1,5 +1,5 @@\n one\n-two\n+TWO");
    expectNoViolations(stand);
  });

  test.each([
    ["a line outside every hunk", { path: "count.txt", line: 15, side: "RIGHT" }, "Line could not"],
    ["a file that is not in the diff", { path: "README.md", line: 1 }, "Path could not"],
    [
      "a range over two hunks",
      { path: "count.txt", start_line: 2, start_side: "RIGHT", line: 29, side: "RIGHT" },
      "Start line could not",
    ],
    [
      "a range that ends where it begins",
      { path: "count.txt", start_line: 2, start_side: "RIGHT", line: 2, side: "RIGHT" },
      "Start line could not",
    ],
  ])("one comment on %s refuses the whole review", async (_, anchor, words) => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { number } = await aPull(stand);
    const target = { ...repo, pull_number: number };

    const refused = await refusal(
      bot.rest.pulls.createReview({
        ...target,
        event: "COMMENT",
        body: "One is good, one is bad",
        comments: [
          { path: "new.txt", line: 1, body: "Good" },
          { ...anchor, body: "Bad" },
        ],
      }),
    );
    const { data: reviews } = await bot.rest.pulls.listReviews(target);
    const { data: comments } = await bot.rest.pulls.listReviewComments(target);

    expect(refused.status).toBe(422);
    expect(refused.text).toContain(words);
    expect([reviews, comments]).toEqual([[], []]);
    expectNoViolations(stand);
  });

  test("a comment may stand on a whole file, be answered, changed and deleted", async () => {
    const stand = await aStand();
    const { bot, writer, repo } = stand;
    const { number, head } = await aPull(stand);
    const target = { ...repo, pull_number: number };

    const { data: comment } = await bot.rest.pulls.createReviewComment({
      ...target,
      commit_id: head,
      path: "count.txt",
      subject_type: "file",
      body: "All of it",
    });
    const { data: answer } = await writer.rest.pulls.createReplyForReviewComment({
      ...target,
      comment_id: comment.id,
      body: "Why?",
    });
    const bad = await refusal(
      bot.rest.pulls.createReviewComment({
        ...target,
        commit_id: head,
        path: "count.txt",
        line: 15,
        side: "RIGHT",
        body: "Nowhere",
      }),
    );
    await bot.rest.pulls.updateReviewComment({ ...repo, comment_id: comment.id, body: "Changed" });
    await bot.rest.pulls.deleteReviewComment({ ...repo, comment_id: answer.id });
    const { data: left } = await bot.rest.pulls.listReviewComments(target);

    expect([comment.subject_type, comment.line]).toEqual(["file", null]);
    expect(answer.in_reply_to_id).toBe(comment.id);
    expect(bad.text).toContain("pull_request_review_thread.line must be part of the diff");
    expect(left.map(({ body }) => body)).toEqual(["Changed"]);
    expectNoViolations(stand);
  });

  test("a push moves the lines of comments, and makes those outdated whose line is gone", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const { number } = await aPull(stand);
    const target = { ...repo, pull_number: number };
    await bot.rest.pulls.createReview({
      ...target,
      event: "COMMENT",
      comments: [
        { path: "new.txt", line: 1, body: "Stays" },
        { path: "new.txt", line: 2, body: "Goes" },
      ],
    });

    const head = await github.commit(fullName, {
      branch: "topic",
      files: { "new.txt": "first\nhello\nWORLD\n" },
    });
    const { data: comments } = await bot.rest.pulls.listReviewComments(target);
    const { data: pull } = await bot.rest.pulls.get(target);

    expect(pull.head.sha).toBe(head);
    expect(comments.map(({ line, original_line }) => [line, original_line])).toEqual([
      [2, 1],
      [null, 2],
    ]);
    expectNoViolations(stand);
  });

  test("lines that come below a comment do not move it", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const { number } = await aPull(stand);
    const target = { ...repo, pull_number: number };
    await bot.rest.pulls.createReview({
      ...target,
      event: "COMMENT",
      comments: [
        { path: "new.txt", line: 1, body: "Above" },
        { path: "count.txt", line: 29, body: "Far below" },
        { path: "count.txt", line: 2, side: "LEFT", body: "In the base" },
      ],
    });

    await github.commit(fullName, {
      branch: "topic",
      files: {
        "new.txt": "hello\nworld\nat the end\n",
        "count.txt": text(
          [...before, ...before, ...before].with(1, "TWO").with(28, "NINE").toSpliced(5, 2),
        ),
      },
    });
    const { data: comments } = await bot.rest.pulls.listReviewComments(target);

    expect(comments.map(({ line, side }) => [line, side])).toEqual([
      [1, "RIGHT"],
      [27, "RIGHT"],
      [2, "LEFT"],
    ]);
    expectNoViolations(stand);
  });

  test("nobody approves their own pull request, and a job opens and approves none", async () => {
    const stand = await aStand();
    const { repo, github, fullName } = stand;
    const { number } = await aPull(stand);
    const job = stand.as(github.jobToken(fullName, { pull_requests: "write" }));
    const target = { ...repo, pull_number: number, event: "APPROVE" } as const;

    const own = await refusal(stand.writer.rest.pulls.createReview(target));
    const byJob = await refusal(job.rest.pulls.createReview(target));
    const opened = await refusal(
      job.rest.pulls.create({ ...repo, title: "Mine", head: "topic", base: "main" }),
    );
    const { data } = await stand.bot.rest.pulls.createReview(target);

    expect([own.status, byJob.status, opened.status, data.state]).toEqual([
      422,
      422,
      403,
      "APPROVED",
    ]);
    expect(byJob.text).toContain("not permitted to approve");
    expectNoViolations(stand);
  });

  test("a merge closes the pull request and moves the base branch", async () => {
    const stand = await aStand();
    const { writer, repo } = stand;
    const { number, head } = await aPull(stand);
    const target = { ...repo, pull_number: number };

    const stale = await refusal(writer.rest.pulls.merge({ ...target, sha: "0".repeat(40) }));
    const { data: merged } = await writer.rest.pulls.merge({ ...target, sha: head });
    const { data: pull } = await writer.rest.pulls.get(target);
    const { data: branch } = await writer.rest.repos.getBranch({ ...repo, branch: "main" });

    expect(stale.status).toBe(409);
    expect([pull.merged, pull.state, pull.merge_commit_sha]).toEqual([true, "closed", merged.sha]);
    expect(branch.commit.sha).toBe(merged.sha);
    expectNoViolations(stand);
  });

  test("a merge into the default branch closes the issues that the text says it closes", async () => {
    const stand = await aStand();
    const { repo, github, fullName, bot } = stand;
    for (const title of ["Done by it", "Only spoken of"]) {
      github.openIssue(fullName, { title, author: "ada" });
    }
    await github.commit(fullName, { branch: "topic", files: { "a.txt": "a\n" } });
    const { number } = await github.openPull(fullName, {
      title: "A",
      body: "Fixes #1, see #2.",
      author: "wes",
      head: "topic",
    });
    const linked: unknown = await bot.graphql(
      `query ($owner: String!, $repo: String!, $number: Int!) {
        repository(owner: $owner, name: $repo) { pullRequest(number: $number) {
          closingIssuesReferences(first: 5) { nodes { number } } } } }`,
      { ...repo, number },
    );

    await github.merge(fullName, number, "wes");
    const { data: open } = await bot.rest.issues.listForRepo(repo);

    expect(linked).toEqual({
      repository: { pullRequest: { closingIssuesReferences: { nodes: [{ number: 1 }] } } },
    });
    expect(open.map((issue) => issue.number)).toEqual([2]);
    expectNoViolations(stand);
  });

  test("a pull request of a fork names the fork and keeps its head in the repository", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    await github.addRepository({ fullName: "mallory/engine", forkOf: fullName });
    const head = await github.commit("mallory/engine", {
      branch: "gift",
      files: { "g.txt": "g\n" },
    });

    const { number } = await github.openPull(fullName, {
      title: "A gift",
      author: "mallory",
      head: "mallory:gift",
    });
    const { data: pull } = await bot.rest.pulls.get({ ...repo, pull_number: number });

    expect([pull.head.repo.full_name, pull.head.repo.fork]).toEqual(["mallory/engine", true]);
    expect([pull.head.label, pull.head.sha]).toEqual(["mallory:gift", head]);
    expect(pull.author_association).toBe("NONE");
    expectNoViolations(stand);
  });
});
