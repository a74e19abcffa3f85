import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";

import { numberOf, shasOf } from "../../src/bot/event.ts";
import { parsePayload } from "../../src/bot/payload.ts";

const kinds: Readonly<Record<string, string>> = {
  issues: "issue",
  issue_comment: "issue-comment",
  pull_request: "pull-request",
  pull_request_review_comment: "review-comment",
  merge_group: "merge-group",
  push: "push",
  workflow_dispatch: "dispatch",
};

interface Example {
  readonly name: string;
  readonly examples: readonly unknown[];
}

const examples: readonly Example[] = createRequire(import.meta.url)("@octokit/webhooks-examples");
const known = examples.flatMap(({ name, examples: payloads }) =>
  Object.hasOwn(kinds, name) ? payloads.map((payload, at) => ({ name, at, payload })) : [],
);

const ada = { full_name: "ada/engine", id: 7, private: true, default_branch: "main" };
const sender = { login: "ada", id: 1, type: "User" };
const sha = "a".repeat(40);

describe("parsePayload", () => {
  test("has GitHub's own examples of every event to read", () => {
    expect(new Set(known.map(({ name }) => name))).toEqual(new Set(Object.keys(kinds)));
  });

  test.each(known)("reads GitHub's own example $name $at", ({ name, payload }) => {
    const event = parsePayload(name, payload, null);

    expect(event.kind).toBe(kinds[name]);
    expect(event.repository.fullName).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(numberOf(event) === null).toBe(["merge-group", "push", "dispatch"].includes(event.kind));
  });

  test("takes only the fields that a handler may use", () => {
    const event = parsePayload(
      "push",
      { repository: ada, sender, ref: "refs/heads/main", before: sha, after: sha, secret: "x" },
      null,
    );

    expect(event).toEqual({
      name: "push",
      action: null,
      repository: {
        owner: "ada",
        name: "engine",
        fullName: "ada/engine",
        id: 7,
        isPrivate: true,
        defaultBranch: "main",
      },
      sender,
      kind: "push",
      ref: "refs/heads/main",
      before: sha,
      after: sha,
      isForced: false,
    });
    expect(shasOf(event)).toEqual({ head: sha, base: sha });
  });

  test("cuts a body at what GitHub allows, and bounds the labels", () => {
    const event = parsePayload(
      "issues",
      {
        action: "opened",
        repository: ada,
        sender,
        issue: {
          number: 3,
          title: "t",
          body: "b".repeat(200_000),
          state: "open",
          labels: Array.from({ length: 300 }, (_, at) => ({ name: `l${String(at)}` })),
        },
      },
      null,
    );

    expect(event).toMatchObject({ kind: "issue", label: null });
    expect(event.kind === "issue" && event.issue.body.length).toBe(65_536);
    expect(event.kind === "issue" && event.issue.labels.length).toBe(100);
  });

  test("reads a deleted author and a fork that is gone as nothing", () => {
    const side = { ref: "b", sha, repo: null };
    const event = parsePayload(
      "pull_request",
      {
        action: "closed",
        repository: ada,
        sender: null,
        pull_request: {
          number: 4,
          title: "t",
          body: null,
          state: "closed",
          user: null,
          head: side,
          base: side,
          merged: true,
        },
      },
      null,
    );

    expect(event).toMatchObject({
      sender: null,
      pull: { body: "", author: null, isMerged: true, head: { repository: null } },
    });
  });

  test("reads a schedule, which names no repository, with that of the run", () => {
    const repository = {
      owner: "ada",
      name: "engine",
      fullName: "ada/engine",
      id: 0,
      isPrivate: false,
      defaultBranch: null,
    };

    expect(parsePayload("schedule", { schedule: "0 3 * * *" }, repository)).toMatchObject({
      kind: "schedule",
      cron: "0 3 * * *",
      repository,
    });
  });

  test("knows an event that no handler is for by its name alone", () => {
    expect(parsePayload("fork", { repository: ada, sender, forkee: {} }, null)).toMatchObject({
      name: "fork",
      kind: "other",
    });
  });

  test("reads the number of a run by hand", () => {
    expect(["12", 12, "0x1", "-1", "", null].map(numberByHand)).toEqual([
      12,
      12,
      null,
      null,
      null,
      null,
    ]);
  });

  test.each([
    ["no object", "push", "text"],
    [
      "a commit that is none",
      "push",
      { repository: ada, sender, ref: "r", before: "--all", after: sha },
    ],
    ["a repository that is a path", "push", { repository: { ...ada, full_name: "../x" }, sender }],
    ["no repository at all", "push", { sender, ref: "r", before: sha, after: sha }],
    [
      "a number that is text",
      "issues",
      { repository: ada, sender, issue: { number: "3", title: "t", state: "open" } },
    ],
    ["the name of a property of every object", "constructor", "text"],
  ])("refuses %s without showing it", (_, name, payload) => {
    expect(() => parsePayload(name, payload, null)).toThrow(
      expect.objectContaining({ code: "SKN-1942", message: expect.not.stringContaining("--all") }),
    );
  });
});

function numberByHand(number: unknown): number | null {
  const inputs = { number };
  const payload = { repository: ada, sender, ref: "refs/heads/main", inputs };
  return numberOf(parsePayload("workflow_dispatch", payload, null));
}
