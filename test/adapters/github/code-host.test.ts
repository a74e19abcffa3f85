import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCodeHost } from "../../../src/adapters/github/index.ts";
import type { CodeHostOptions } from "../../../src/adapters/github/index.ts";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import type { CodeHost } from "../../../src/core/hosting/index.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";

const permissions = {
  contents: "read",
  issues: "write",
  pull_requests: "write",
  checks: "write",
  security_events: "write",
} as const;

let github: Github;
let token: string;

beforeEach(async () => {
  github = await startGithub({ limits: { writesPerMinute: 1_000 } });
  github.addUser("ada");
  github.addUser("tim");
  await github.addRepository({ fullName: "ada/engine" });
  const { app } = github.addApp("skein", permissions);
  token = github.installationToken(github.install(app, "ada"));
});

afterEach(async () => {
  await github.close();
});

function open(odd: Partial<CodeHostOptions> = {}): CodeHost {
  return createCodeHost({
    baseUrl: github.url,
    name: "ada/engine",
    token,
    userAgent: "skein/test",
    timer: systemTimer,
    clock: wallClock,
    limits: { spacingMs: 0, secondMs: 1, ...odd.limits },
    ...odd,
  });
}

/** What was asked since the last look, without the names of the repository. */
function asked(from = 0): readonly string[] {
  return github.calls
    .slice(from)
    .map(({ method, path }) => `${method} ${path.replace("/repos/ada/engine", "")}`);
}

async function aPull(): Promise<{ readonly number: number; readonly sha: string }> {
  const sha = await github.commit("ada/engine", {
    branch: "topic",
    files: { "src/a.ts": "export const a = 1;\nexport const b = 2;\nexport const c = 3;\n" },
  });
  const pull = await github.openPull("ada/engine", {
    title: "Add a",
    body: "For b.",
    author: "tim",
    head: "topic",
    labels: ["size/s"],
  });
  return { number: pull.number, sha };
}

describe.each(["github.com", "an Enterprise server"])("on %s", (place) => {
  const at = (): Partial<CodeHostOptions> =>
    place === "github.com" ? {} : { baseUrl: github.enterpriseUrl };

  test("knows itself, the repository and what an account may do", async () => {
    github.setPermission("ada/engine", "tim", "triage");
    const host = open(at());

    const self = await host.self();

    expect(self).toMatchObject({ login: "skein[bot]", kind: "bot" });
    expect(await host.repository()).toMatchObject({
      name: "ada/engine",
      isPrivate: false,
      defaultBranch: "main",
    });
    expect(await host.permissionOf("ada")).toBe("admin");
    expect(await host.permissionOf("tim")).toBe("triage");
    expect(await host.permissionOf("nobody")).toBe("none");
    expect(github.violations).toEqual([]);
  });

  test("makes, changes, labels, lists and closes issues", async () => {
    const { issues } = open(at());

    const made = await issues.create({ title: "Split it", body: "Two parts.", labels: ["plan"] });
    await issues.addLabels(made.number, ["big"]);
    await issues.removeLabel(made.number, "plan");
    await issues.removeLabel(made.number, "plan");
    const closed = await issues.update(made.number, {
      title: "Split it up",
      state: { isOpen: false, closedAs: "not_planned" },
    });

    expect(made).toMatchObject({ isOpen: true, closedAs: null, author: { login: "skein[bot]" } });
    expect(closed).toMatchObject({
      id: made.id,
      title: "Split it up",
      body: "Two parts.",
      isOpen: false,
      closedAs: "not_planned",
      labels: ["big"],
    });
    expect(await issues.update(made.number, { state: { isOpen: true } })).toMatchObject({
      isOpen: true,
    });
    expect(await issues.get(made.number)).toMatchObject({ labels: ["big"] });
    expect(await issues.get(999)).toBeNull();
    expect(github.violations).toEqual([]);
  });

  test("lists issues without pull requests, the newest first, and no more than asked for", async () => {
    for (let count = 0; count < 120; count += 1) {
      github.openIssue("ada/engine", { title: `Issue ${String(count)}`, author: "tim" });
    }
    const { number } = await aPull();
    github.closeIssue("ada/engine", 3);
    const { issues } = open(at());

    const few = await issues.list({ state: "open", limit: 5 });
    const all = await issues.list({ state: "all", limit: 500 });

    expect(few.map(({ title }) => title)).toEqual(
      [119, 118, 117, 116, 115].map((n) => `Issue ${String(n)}`),
    );
    expect(all).toHaveLength(120);
    expect(all.some((issue) => issue.number === number)).toBe(false);
    expect((await issues.list({ state: "closed", limit: 5 })).map((one) => one.number)).toEqual([
      3,
    ]);
    expect(await issues.list({ state: "open", labels: ["none"], limit: 5 })).toEqual([]);
    expect(github.violations).toEqual([]);
  });

  test("links children and blockers, each once", async () => {
    const { issues } = open(at());
    const parent = await issues.create({ title: "Parent", body: "", labels: [] });
    const one = await issues.create({ title: "One", body: "", labels: [] });
    const two = await issues.create({ title: "Two", body: "", labels: [] });

    expect(await issues.addChild(parent.number, one.id)).toBe("added");
    expect(await issues.addChild(parent.number, two.id)).toBe("added");
    expect(await issues.addChild(parent.number, one.id)).toBe("added");
    expect(await issues.addBlocker(two.number, one.id)).toBe("added");
    expect(await issues.addBlocker(two.number, one.id)).toBe("added");

    expect(await issues.children(parent.number)).toMatchObject([
      { title: "One" },
      { title: "Two" },
    ]);
    expect(await issues.blockers(two.number)).toMatchObject([{ title: "One" }]);
    await issues.removeBlocker(two.number, one.id);
    await issues.removeBlocker(two.number, one.id);
    expect(await issues.blockers(two.number)).toEqual([]);
    await expect(issues.addChild(999, one.id)).rejects.toMatchObject({ code: "SKN-5651" });
    await expect(issues.addChild(parent.number, 1)).rejects.toMatchObject({
      code: expect.stringMatching(/^SKN-[45]651$/u),
    });
    expect(github.violations).toEqual([]);
  });

  test("talks: comments, edits, reacts", async () => {
    const { issues } = open(at());
    const issue = github.openIssue("ada/engine", { title: "Talk", author: "tim" });
    const theirs = github.comment("ada/engine", issue.number, { author: "tim", body: "Hello?" });

    const ours = await issues.comment(issue.number, "Hello.");
    const edited = await issues.editComment(ours.id, "Hello!");
    await issues.react({ on: "issue-comment", id: theirs.id }, "eyes");
    await issues.react({ on: "issue", id: issue.number }, "rocket");
    await issues.react({ on: "issue", id: issue.number }, "rocket");

    expect(edited).toMatchObject({ id: ours.id, body: "Hello!", author: { login: "skein[bot]" } });
    expect((await issues.comments(issue.number)).map(({ body }) => body)).toEqual([
      "Hello?",
      "Hello!",
    ]);
    expect(github.violations).toEqual([]);
  });

  test("reads pull requests, their commits and what was said of them", async () => {
    const { number, sha } = await aPull();
    github.review("ada/engine", number, { author: "ada", state: "APPROVED" });
    const { pulls } = open(at());

    expect(await pulls.get(number)).toMatchObject({
      number,
      title: "Add a",
      isOpen: true,
      isMerged: false,
      isDraft: false,
      isFork: false,
      labels: ["size/s"],
      author: { login: "tim" },
      head: { branch: "topic", sha, repository: "ada/engine" },
      base: { branch: "main", repository: "ada/engine" },
      mergeSha: null,
    });
    expect(await pulls.get(998)).toBeNull();
    expect((await pulls.open()).map((pull) => pull.number)).toEqual([number]);
    expect((await pulls.open("topic")).map((pull) => pull.number)).toEqual([number]);
    expect(await pulls.open("other")).toEqual([]);
    expect((await pulls.ofCommit(sha)).map((pull) => pull.number)).toEqual([number]);
    expect(await pulls.ofCommit("f".repeat(40))).toEqual([]);
    expect(await pulls.verdicts(number)).toMatchObject([
      { author: { login: "ada" }, kind: "approved", sha },
    ]);
    const merged = await github.merge("ada/engine", number, "ada");
    expect(await pulls.get(number)).toMatchObject({
      isOpen: false,
      isMerged: true,
      mergeSha: merged,
    });
    expect(github.violations).toEqual([]);
  });

  test("publishes a review, reads its threads, answers and resolves", async () => {
    const { number, sha } = await aPull();
    const { pulls, issues } = open(at());

    const outcome = await pulls.publishReview(number, {
      headSha: sha,
      body: "Two remarks.",
      comments: [
        {
          anchor: { kind: "line", path: "src/a.ts", side: "new", line: 2, startLine: 1 },
          body: "Why two?",
        },
        { anchor: { kind: "file", path: "src/a.ts" }, body: "A whole file." },
      ],
    });
    const [first] = await pulls.threads(number);
    const comment = first?.comments[0];
    await pulls.reply(number, comment?.id ?? 0, "Because.");
    await issues.react({ on: "review-comment", id: comment?.id ?? 0 }, "+1");
    const threads = await pulls.threads(number);

    expect(outcome).toMatchObject({ kind: "created", left: [] });
    expect(threads).toHaveLength(2);
    expect(threads[0]).toMatchObject({
      path: "src/a.ts",
      line: 2,
      isResolved: false,
      comments: [
        {
          body: "Why two?",
          author: { login: "skein[bot]", kind: "bot" },
          reactions: { up: [], down: [] },
        },
        { body: "Because." },
      ],
    });
    expect(threads[0]?.comments[0]?.author).toEqual(await open(at()).self());
    expect(await pulls.resolveThread(threads[0]?.id ?? "")).toMatch(/^(?:resolved|denied)$/u);
    expect(github.violations).toEqual([]);
  });

  test("publishes nothing of a review that the host refuses", async () => {
    const { number, sha } = await aPull();
    const { pulls } = open(at());

    const outcome = await pulls.publishReview(number, {
      headSha: sha,
      body: "One remark.",
      comments: [
        {
          anchor: { kind: "line", path: "src/a.ts", side: "new", line: 99, startLine: null },
          body: "Where?",
        },
      ],
    });

    expect(outcome.kind).toBe("refused");
    expect(await pulls.threads(number)).toEqual([]);
    expect(await pulls.verdicts(number)).toEqual([]);
    expect(github.violations).toEqual([]);
  });

  test("shows a check from its start to its end, with more annotations than one request takes", async () => {
    const { sha } = await aPull();
    const { checks } = open(at());
    const report = {
      headSha: sha,
      name: "skein/review",
      conclusion: null,
      title: "Reading",
      summary: "Three reviewers read.",
      text: "",
      annotations: [],
      externalId: "run-1",
      detailsUrl: null,
    } as const;

    const begun = await checks.report(report, null);
    const annotations = Array.from({ length: 70 }, (_, index) => ({
      path: "src/a.ts",
      line: 1 + (index % 3),
      endLine: 1 + (index % 3),
      level: "notice" as const,
      title: `Remark ${String(index)}`,
      message: "Look here.",
    }));
    const ended = await checks.report({ ...report, conclusion: "neutral", annotations }, begun);

    expect(begun.conclusion).toBeNull();
    expect(ended).toMatchObject({ id: begun.id, conclusion: "neutral", externalId: "run-1" });
    expect(await checks.list(sha, "skein/review")).toEqual([ended]);
    const again = await checks.report({ ...report, conclusion: "success" }, ended);
    expect((await checks.list(sha, "skein/review"))[0]).toEqual(again);
    expect(github.violations).toEqual([]);
  });

  test("reads files and refs of a revision", async () => {
    const { number, sha } = await aPull();
    const { files } = open(at());

    expect(await files.read("src/a.ts", sha)).toContain("export const b = 2;");
    expect(await files.read("src/a.ts", "main")).toBeNull();
    expect(await files.read("src", sha)).toBeNull();
    expect(await files.resolve("refs/heads/topic")).toBe(sha);
    expect(await files.resolve(`refs/pull/${String(number)}/head`)).toBe(sha);
    expect(await files.resolve("refs/heads/gone")).toBeNull();
    expect(await files.resolve("topic")).toBeNull();
    expect(github.violations).toEqual([]);
  });

  test("hands findings to code scanning, packed", async () => {
    const { number, sha } = await aPull();
    const sarif = JSON.stringify({ version: "2.1.0", runs: [] });

    const taken = await open(at()).checks.uploadSarif({
      sha,
      ref: `refs/pull/${String(number)}/head`,
      sarif,
    });

    expect(taken).toBe("taken");
    const sent = String(Object(github.calls.at(-1)?.body)["sarif"]);
    expect(gunzipSync(Buffer.from(sent, "base64")).toString()).toBe(sarif);
    expect(github.violations).toEqual([]);
  });
});

describe("how much is asked", () => {
  test("a review with its threads and its check costs few calls", async () => {
    const { number, sha } = await aPull();
    const host = open();

    await host.pulls.get(number);
    await host.pulls.threads(number);
    await host.issues.comments(number);
    await host.checks.list(sha, "skein/review");

    expect(asked()).toEqual([
      `GET /pulls/${String(number)}`,
      "POST /graphql",
      `GET /issues/${String(number)}/comments`,
      `GET /commits/${sha}/check-runs`,
    ]);
  });

  test("what has not changed is not counted against the limit", async () => {
    const { number } = await aPull();
    const { pulls } = open();
    await pulls.get(number);
    const statuses = async (): Promise<number | undefined> => {
      await pulls.get(number);
      return github.calls.at(-1)?.status;
    };

    expect(await statuses()).toBe(304);
    await github.commit("ada/engine", { branch: "topic", files: { "src/b.ts": "1\n" } });
    expect(await statuses()).toBe(200);
    expect(await statuses()).toBe(304);
  });
});

describe("under faults", () => {
  const mark = "<!-- skein:plan:v1 eyJhIjoxfQ - -->";

  test("a comment that was made and never answered stands there once", async () => {
    const issue = github.openIssue("ada/engine", { title: "Talk", author: "tim" });
    github.faults.add({ method: "POST", path: "/comments", times: 1, kind: "lost-answer" });

    const made = await open().issues.comment(issue.number, `Plan.\n${mark}`);

    const all = await open().issues.comments(issue.number);
    expect(all.map(({ id }) => id)).toEqual([made.id]);
  });

  test("an issue and a review that were made and never answered stand there once", async () => {
    const { number, sha } = await aPull();
    github.faults.add({ method: "POST", path: "/issues", times: 1, kind: "lost-answer" });
    github.faults.add({ method: "POST", path: "/reviews", times: 1, kind: "lost-answer" });
    const host = open();

    await host.issues.create({ title: "A child", body: mark, labels: [] });
    await host.pulls.publishReview(number, { headSha: sha, body: mark, comments: [] });

    expect(await host.issues.list({ state: "all", limit: 10 })).toHaveLength(1);
    expect(await host.pulls.verdicts(number)).toHaveLength(1);
  });

  test("a secondary limit is waited for, and nothing is made twice", async () => {
    const issue = github.openIssue("ada/engine", { title: "Talk", author: "tim" });
    github.faults.add({ method: "POST", path: "/comments", times: 1, kind: "secondary-limit" });
    const waits: string[] = [];

    await open({ onWait: ({ reason }) => waits.push(reason) }).issues.comment(issue.number, "One.");

    expect(waits).toEqual(["secondary"]);
    expect(await open().issues.comments(issue.number)).toHaveLength(1);
  });

  test("the hourly limit is told with the time of its end", async () => {
    github.meter.exhaust("skein[bot]");

    const error: unknown = await open({ limits: { maxWaitMs: 5, secondMs: 1 } })
      .repository()
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: "SKN-7651" });
    expect(Number(Object(error).retryAfterMs)).toBeGreaterThan(1_000);
  });

  test("a token that may not write is told so", async () => {
    const issue = github.openIssue("ada/engine", { title: "Talk", author: "tim" });
    const reading = github.jobToken("ada/engine", { issues: "read", contents: "read" });
    const { issues } = open({ token: reading });

    await expect(issues.comment(issue.number, "No.")).rejects.toMatchObject({ code: "SKN-3651" });
  });
});

test("an old Enterprise server lacks children and blockers, and says so at the cost of one look", async () => {
  await github.close();
  github = await startGithub({ features: { subIssues: false, dependencies: false } });
  github.addUser("ada");
  await github.addRepository({ fullName: "ada/engine" });
  const issue = github.openIssue("ada/engine", { title: "Old", author: "ada" });
  const { issues } = open({ token: github.userToken("ada"), baseUrl: github.enterpriseUrl });

  expect(await issues.addChild(issue.number, 5)).toBe("unsupported");
  expect(await issues.children(issue.number)).toBe("unsupported");
  expect(await issues.blockers(issue.number)).toBe("unsupported");
  expect(await issues.addBlocker(issue.number, 5)).toBe("unsupported");
  await expect(issues.children(999)).resolves.toBe("unsupported");
  expect(github.calls.length).toBeLessThanOrEqual(5);
});
