import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations } from "./stand.ts";
import type { Client, Stand } from "./stand.ts";

const threads = `
  query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
    repository(owner: $owner, name: $repo) {
      pullRequest(number: $number) {
        headRefOid
        reviewThreads(first: 1, after: $after) {
          pageInfo { hasNextPage endCursor }
          nodes {
            id isResolved isOutdated path line
            resolvedBy { login }
            comments(first: 10) {
              nodes {
                id databaseId body isMinimized minimizedReason
                author { login __typename }
                reactionGroups { content reactors(first: 1) { totalCount } }
              }
            }
          }
        }
      }
    }
  }`;

interface Thread {
  readonly id: string;
  readonly isResolved: boolean;
  readonly isOutdated: boolean;
  readonly path: string;
  readonly line: number | null;
  readonly resolvedBy: { readonly login: string } | null;
  readonly comments: {
    readonly nodes: readonly {
      readonly id: string;
      readonly databaseId: number;
      readonly body: string;
      readonly isMinimized: boolean;
      readonly minimizedReason: string | null;
      readonly author: { readonly login: string; readonly __typename: string };
      readonly reactionGroups: readonly {
        readonly content: string;
        readonly reactors: { readonly totalCount: number };
      }[];
    }[];
  };
}

interface Answer {
  readonly repository: {
    readonly pullRequest: {
      readonly reviewThreads: {
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
        readonly nodes: readonly Thread[];
      };
    };
  };
}

async function threadsOf(client: Client, { repo }: Stand, number: number): Promise<Thread[]> {
  const found: Thread[] = [];
  let after: string | null = null;
  for (;;) {
    const answer: Answer = await client.graphql(threads, { ...repo, number, after });
    const { nodes, pageInfo } = answer.repository.pullRequest.reviewThreads;
    found.push(...nodes);
    if (!pageInfo.hasNextPage) {
      return found;
    }
    after = pageInfo.endCursor;
  }
}

async function aReviewed(stand: Stand): Promise<number> {
  const { github, fullName, bot, repo } = stand;
  await github.commit(fullName, { branch: "topic", files: { "a.txt": "1\n2\n3\n" } });
  const { number } = await github.openPull(fullName, { title: "A", author: "wes", head: "topic" });
  await bot.rest.pulls.createReview({
    ...repo,
    pull_number: number,
    event: "COMMENT",
    comments: [1, 3].map((line) => ({ path: "a.txt", line, body: `On ${String(line)}` })),
  });
  return number;
}

describe("GraphQL of the fake GitHub", () => {
  test("threads come in pages, with their comments, reactions, and what a push did to them", async () => {
    const stand = await aStand();
    const number = await aReviewed(stand);
    const { github, fullName, repo, writer, bot } = stand;
    const [first] = await threadsOf(bot, stand, number);
    const comment_id = first?.comments.nodes[0]?.databaseId ?? 0;
    await writer.rest.reactions.createForPullRequestReviewComment({
      ...repo,
      comment_id,
      content: "-1",
    });
    await writer.rest.pulls.createReplyForReviewComment({
      ...repo,
      pull_number: number,
      comment_id,
      body: "No",
    });
    await github.commit(fullName, { branch: "topic", files: { "a.txt": "1\n2\nthree\n" } });

    const all = await threadsOf(bot, stand, number);

    expect(all.map(({ line, isOutdated }) => [line, isOutdated])).toEqual([
      [1, false],
      [null, true],
    ]);
    expect(all[0]?.comments.nodes.map(({ body, author }) => [body, author])).toEqual([
      ["On 1", { login: "skein", __typename: "Bot" }],
      ["No", { login: "wes", __typename: "User" }],
    ]);
    expect(
      all[0]?.comments.nodes[0]?.reactionGroups
        .filter(({ reactors }) => reactors.totalCount > 0)
        .map(({ content }) => content),
    ).toEqual(["THUMBS_DOWN"]);
    expectNoViolations(stand);
  });

  test("an app resolves a thread and hides a comment; the token of a job may not resolve", async () => {
    const stand = await aStand();
    const number = await aReviewed(stand);
    const { bot, github, fullName } = stand;
    const job = stand.as(github.jobToken(fullName, { pull_requests: "write" }));
    const [thread] = await threadsOf(bot, stand, number);
    const resolve = `mutation ($threadId: ID!) {
      resolveReviewThread(input: { threadId: $threadId }) { thread { isResolved } } }`;
    const hide = `mutation ($id: ID!) {
      minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) {
        minimizedComment { isMinimized } } }`;

    const byJob = job.graphql(resolve, { threadId: thread?.id });
    await expect(byJob).rejects.toThrow("Resource not accessible by integration");
    await bot.graphql(resolve, { threadId: thread?.id });
    await job.graphql(hide, { id: thread?.comments.nodes[0]?.id });
    const [now] = await threadsOf(bot, stand, number);

    expect([now?.isResolved, now?.resolvedBy?.login]).toEqual([true, "skein"]);
    expect(now?.comments.nodes[0]?.minimizedReason).toBe("outdated");
    expectNoViolations(stand);
  });

  test("a field that GitHub does not have is refused, and one that the fake does not know is no null", async () => {
    const stand = await aStand();
    const query = (fields: string): Promise<unknown> =>
      stand.bot.graphql(`{ repository(owner: "ada", name: "engine") { ${fields} } }`);

    await expect(query("mood")).rejects.toThrow('Cannot query field "mood"');
    await expect(query("diskUsage")).rejects.toThrow("does not resolve Repository.diskUsage");
    expect(stand.github.violations).toHaveLength(2);
  });

  test("a list without bounds and a repository that is not there are errors of their kind", async () => {
    const stand = await aStand();
    const number = await aReviewed(stand);
    const unbounded = stand.bot.graphql(
      `query ($number: Int!) { repository(owner: "ada", name: "engine") {
        pullRequest(number: $number) { reviewThreads { nodes { id } } } } }`,
      { number },
    );
    const missing = stand.bot.graphql(`{ repository(owner: "ada", name: "nothing") { id } }`);

    await expect(unbounded).rejects.toThrow("`first` or `last`");
    await expect(missing).rejects.toMatchObject({ errors: [{ type: "NOT_FOUND" }] });
    expectNoViolations(stand);
  });
});
