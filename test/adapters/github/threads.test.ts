import { schema as github } from "@octokit/graphql-schema";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import {
  commentsQuery,
  resolveMutation,
  threadsQuery,
  viewerQuery,
} from "../../../src/adapters/github/thread-queries.ts";
import { scriptedHost } from "./scripted-host.ts";

const schema = buildSchema(github.idl, { assumeValid: true });

test.each([threadsQuery, commentsQuery, resolveMutation, viewerQuery])(
  "GitHub's schema knows all that is asked",
  (query) => {
    expect(validate(schema, parse(query))).toEqual([]);
  },
);

function aThreadComment(id: number, odd: object = {}): object {
  return {
    databaseId: id,
    body: "why?",
    createdAt: "2026-01-02T03:04:05Z",
    author: { __typename: "User", login: "ada", databaseId: 3 },
    reactions: {
      nodes: [
        { content: "THUMBS_UP", user: { login: "ada", databaseId: 3 } },
        { content: "THUMBS_UP", user: { login: "skein", databaseId: 7 } },
        { content: "HEART", user: { login: "tim", databaseId: 4 } },
        { content: "THUMBS_DOWN", user: { login: "tim", databaseId: 4 } },
        { content: "THUMBS_DOWN", user: null },
      ],
    },
    ...odd,
  };
}

function connection(nodes: readonly object[], next: string | null = null): object {
  return { nodes, pageInfo: { hasNextPage: next !== null, endCursor: next } };
}

function aThread(comments: object, odd: object = {}): object {
  return {
    id: "T1",
    path: "a.ts",
    line: 9,
    isResolved: false,
    isOutdated: false,
    resolvedBy: null,
    comments,
    ...odd,
  };
}

describe("threads", () => {
  test("reads all pages of threads and of their comments, our own reactions left out", async () => {
    const bot = { author: { __typename: "Bot", login: "skein", databaseId: 7 } };
    const host = await scriptedHost(({ body }) => {
      const { query, variables } = Object(body);
      if (String(query).includes("SkeinComments")) {
        return { json: { data: { node: { comments: connection([aThreadComment(2)]) } } } };
      }
      const reviewThreads =
        variables.after === null
          ? connection([aThread(connection([aThreadComment(1, bot)], "c1"))], "t1")
          : connection([
              aThread(connection([aThreadComment(3, { author: null })]), {
                id: "T2",
                line: null,
                isResolved: true,
                resolvedBy: { __typename: "User", login: "ada", databaseId: 3 },
              }),
            ]);
      return { json: { data: { repository: { pullRequest: { reviewThreads } } } } };
    });

    const [first, second] = await host.open().pulls.threads(5);

    expect(first?.comments.map(({ id, author }) => [id, author.login])).toEqual([
      [1, "skein[bot]"],
      [2, "ada"],
    ]);
    expect(first?.comments[0]?.author).toEqual({ id: 7, login: "skein[bot]", kind: "bot" });
    expect(first?.comments[0]?.reactions).toEqual({
      up: [{ id: 3, login: "ada", kind: "person" }],
      down: [{ id: 4, login: "tim", kind: "person" }],
    });
    expect(second).toMatchObject({
      id: "T2",
      line: null,
      isResolved: true,
      resolvedBy: { id: 3, login: "ada", kind: "person" },
      comments: [{ author: { login: "ghost" } }],
    });
    expect(host.calls()).toEqual(Array.from({ length: 3 }, () => "POST /graphql"));
  });

  test("tells a pull request that is not there", async () => {
    const host = await scriptedHost(() => ({
      json: {
        data: { repository: { pullRequest: null } },
        errors: [{ type: "NOT_FOUND", message: "Could not resolve" }],
      },
    }));

    await expect(host.open().pulls.threads(5)).rejects.toMatchObject({ code: "SKN-5651" });
  });
});

describe("resolveThread", () => {
  test.each([
    [{ data: { resolveReviewThread: { thread: { id: "T1" } } } }, "resolved"],
    [{ data: null, errors: [{ type: "FORBIDDEN", message: "Resource not accessible" }] }, "denied"],
  ])("answers by type and not by words", async (json, outcome) => {
    const host = await scriptedHost(() => ({ json }));

    await expect(host.open().pulls.resolveThread("T1")).resolves.toBe(outcome);
  });
});

test("an Enterprise server answers both languages below /api", async () => {
  const host = await scriptedHost(({ path }) => ({
    json: path.endsWith("/graphql")
      ? { data: { viewer: { login: "skein[bot]", databaseId: 7 } } }
      : { id: 1, full_name: "loom/shed", private: true, default_branch: "main" },
  }));
  const opened = host.open({ baseUrl: `${host.url}/api/v3/`, self: undefined });

  await opened.repository();
  await expect(opened.self()).resolves.toEqual({ id: 7, login: "skein[bot]", kind: "bot" });
  await opened.self();

  expect(host.calls()).toEqual(["GET /api/v3/repos/loom/shed", "POST /api/graphql"]);
});
