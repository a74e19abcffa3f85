import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { handoverFolder, jobRights, payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import {
  after,
  before,
  bug,
  callMicroUsd,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

let github: Github;
let servers: ModelServer[] = [];
/** What the reviewers do from now on. */
let script = { finds: true, invents: true };

beforeEach(async () => {
  script = { finds: true, invents: true };
  servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) =>
      startModelServer({ key, reply: (call) => scriptedReviewer(script)(call) }),
    ),
  );
  github = await startGithub();
  github.addUser("grace");
  github.addUser("mallory");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  const [claude, router] = servers;
  if (claude === undefined || router === undefined) {
    throw new Error("two servers were started");
  }
  const more = "budgets: { run_usd: 0.5, pull_request_usd: 2 }\n";
  await github.commit(shop, {
    branch: "main",
    files: { "skein.yml": settingsFor(claude, router, more), "src/pay.ts": before },
  });
  await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": after } });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all(servers.map(async (server) => server.close()));
});

describe("the Action on a pull request", () => {
  test("reviews it with comments on the right lines, checks, outputs and a summary", async () => {
    const pull = await openPull();

    const step = await review("opened", pull);

    expect(step.log).not.toMatch(/SKN-0/u);
    expect(step.outputs).toMatchObject({ conclusion: "neutral", findings: "1" });
    const comments = reviewComments(pull);
    expect(comments).toMatchObject([
      {
        path: bug.path,
        line: 3,
        side: "RIGHT",
        body: expect.stringContaining(`\n\`\`\`suggestion\n${bug.suggestion}\n\`\`\`\n`),
      },
    ]);
    // The verdict, and by how much support, also where people read it.
    expect(comments).toMatchObject([
      { body: expect.stringMatching(/: \d for, \d against, support \d+ % \(needs \d+ %\)$/mu) },
    ]);
    expect(summaries(pull).at(-1)).toMatch(/^- Rule: \d+ % of .* weighted/mu);
    expect(checks()).toMatchObject([
      ['"skein/rules"', "success"],
      ['"skein/review"', "neutral"],
    ]);
    const calls = servers.flatMap((server) => server.calls);
    expect(Math.round(Number(step.outputs["cost-usd"]) * 1_000_000)).toBe(
      calls.length * callMicroUsd,
    );
    expect(step.summary).toContain("Off-by-one skips the last payment");
    // The check has it on its line; the job would say it there once more.
    expect(annotations("skein/review")).toMatchObject([
      {
        path: bug.path,
        start_line: 3,
        end_line: 3,
        annotation_level: "failure",
        title: `high correctness: ${bug.title}`,
        message: expect.stringContaining("The thread on these lines says more."),
      },
    ]);
    expect(step.log).not.toMatch(/^::(?:error|warning|notice) .*file=/mu);
    expect(step.log).toMatch(/^error src\/pay\.ts:3 high correctness: Off-by-one/mu);
  });

  test("answers a push with what is new, and closes the thread of what was mended", async () => {
    const pull = await openPull();
    await review("opened", pull);
    const mended = after.replace("payments.length - 1", "payments.length");
    await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": mended } });

    script = { finds: false, invents: false };

    const step = await review("synchronize", pull);

    expect(step.outputs).toMatchObject({ conclusion: "success", findings: "0" });
    expect(reviewComments(pull)).toHaveLength(1);
    expect(step.summary).toContain("pass");
  });

  test("marks what stands since an earlier review at the new head, too, where it is now", async () => {
    const pull = await openPull();
    await review("opened", pull);
    const files = { "src/pay.ts": `// All of it.\n${after}`, "src/vat.ts": "1\n" };
    await github.commit(shop, { branch: "feature/pay", files });
    script = { finds: false, invents: false };

    await review("synchronize", pull);
    await github.commit(shop, { branch: "feature/pay", files: { "src/vat.ts": "2\n" } });
    await review("synchronize", pull);

    expect(annotations("skein/review")).toMatchObject([
      {
        path: bug.path,
        start_line: 4,
        title: `high correctness: ${bug.title}`,
        message: "confirmed; an earlier review found it. The thread on these lines says more.",
      },
    ]);
    expect(reviewComments(pull)).toHaveLength(1);
  });

  test("reviews by hand, by the number that was given", async () => {
    const pull = await openPull();
    const payload = {
      ...(await payloadOf(github, "grace", { action: "" })),
      ref: "refs/heads/main",
      inputs: { number: String(pull) },
    };

    const step = await runStep({
      github,
      event: "workflow_dispatch",
      payload,
      inputs: { mode: "review", preset: "quick" },
      env: reviewEnv,
    });

    expect(step.outputs).toMatchObject({ findings: "1" });
    expect(servers.flatMap((server) => server.calls)).toHaveLength(3);
    expect(reviewComments(pull)).toMatchObject([{ path: bug.path, line: 3 }]);
  });

  test("writes nothing in a dry run, and tells what it would", async () => {
    const pull = await openPull();
    const payload = await payloadOf(github, "grace", { action: "opened", pull });

    const step = await runStep({
      github,
      event: "pull_request",
      payload,
      inputs: { "dry-run": "true" },
      env: reviewEnv,
    });

    expect(step.outputs).toMatchObject({ findings: "1" });
    expect(step.log).toContain("Dry run: would publish a review");
    expect(step.log).toMatch(
      /^::error title=high correctness%3A Off-by-one[^:]*,file=src\/pay\.ts,line=3,endLine=3::/mu,
    );
    expect(step.summary).toContain("Dry run");
    expect(
      github.calls.filter(({ method, path }) => method !== "GET" && path.startsWith("/repos")),
    ).toEqual([]);
  });

  test("reviews in three jobs that share no powers", async () => {
    const pull = await openPull();
    const payload = await payloadOf(github, "grace", { action: "opened", pull });
    const path = { "handover-path": join(handoverFolder(), "handover.json") };
    const readOnly = { contents: "read", issues: "read", pull_requests: "read" } as const;
    const common = { github, event: "pull_request", payload } as const;

    const collected = await runStep({
      ...common,
      inputs: { ...path, stage: "collect" },
      token: github.jobToken(shop, readOnly),
    });
    const thought = await runStep({
      ...common,
      inputs: { ...path, stage: "think" },
      env: reviewEnv,
      token: github.jobToken(shop, readOnly),
    });
    const writes = github.calls.filter(
      ({ method, path: to }) =>
        method !== "GET" && to !== "/graphql" && !to.endsWith("/git-upload-pack"),
    );
    const published = await runStep({ ...common, inputs: { ...path, stage: "publish" } });

    expect([collected.code, thought.code, published.code]).toEqual([0, 0, 0]);
    expect(writes).toEqual([]);
    expect(published.outputs).toMatchObject({ findings: "1" });
    expect(reviewComments(pull)).toHaveLength(1);
  });

  test("counts what one job thought though the job that publishes never ran", async () => {
    const pull = await openPull();
    const payload = await payloadOf(github, "grace", { action: "opened", pull });
    const path = { "handover-path": join(handoverFolder(), "handover.json") };
    const rights = { contents: "read", issues: "read", pull_requests: "read" } as const;
    const token = github.jobToken(shop, rights);
    const common = { github, event: "pull_request", payload } as const;
    const stage = async (name: string, odd: object): Promise<number> => {
      const step = await runStep({ ...common, inputs: { ...path, stage: name }, ...odd });
      return step.code;
    };

    const codes = [
      await stage("collect", { token }),
      await stage("reserve", {}),
      await stage("think", { token, env: reviewEnv }),
    ];
    const asked = await command(pull, "grace", "/skein budget");
    const told = [...github.repository(shop).comments.values()].map(({ body }) => body);
    const published = await stage("publish", {});
    await command(pull, "grace", "/skein budget");
    const later = [...github.repository(shop).comments.values()].at(-1)?.body ?? "";

    expect(codes).toEqual([0, 0, 0]);
    expect(asked.code).toBe(0);
    expect(told.some((text) => /- Money: 0\.50? USD spent here/u.test(text))).toBe(true);
    expect(published).toBe(0);
    expect(later).toMatch(/- Money: 0\.0\d+ USD spent here/u);
    expect(reviewComments(pull)).toHaveLength(1);
  });

  test("publishes and answers nothing twice when the last of three jobs runs once more alone", async () => {
    const pull = await openPull();
    await review("opened", pull);
    const comment = await said(pull, "grace", "/skein full review");
    const payload = await payloadOf(github, "grace", { action: "created", issue: pull, comment });
    const inputs = { "handover-path": join(handoverFolder(), "handover.json") };
    const stage = async (name: string, env = {}): Promise<StepEnd> =>
      runStep({ github, event: "issue_comment", payload, inputs: { ...inputs, stage: name }, env });
    const ends = [
      await stage("collect"),
      await stage("reserve"),
      await stage("think", reviewEnv),
      await stage("publish"),
    ];
    const { comments, runs } = github.repository(shop);
    const first = { said: [...comments.values()].map(({ body }) => body), checks: runs.size };
    const from = github.calls.length;

    const again = await stage("publish");

    const writes = github.calls.slice(from).filter(isWrite);
    expect([...ends, again].map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(ends.at(-1)?.outputs).toMatchObject({ findings: "1" });
    expect(again.summary).toContain("was published before");
    expect(writes.map(({ path }) => path)).toEqual([expect.stringMatching(/\/reactions$/u)]);
    expect([...comments.values()].map(({ body }) => body)).toEqual(first.said);
    expect(runs.size).toBe(first.checks);
    expect(reviewComments(pull)).toHaveLength(1);
  });

  test("leaves a fork's alone until who may write names its head", async () => {
    await github.addRepository({ fullName: "mallory/shop", forkOf: shop });
    await github.commit("mallory/shop", { branch: "gift", files: { "src/pay.ts": after } });
    const pull = await github.openPull(shop, {
      title: "A gift",
      author: "mallory",
      head: "mallory:gift",
    });
    const head = await headOf(pull.number);

    const opened = await review("opened", pull.number);
    const strangers = await command(pull.number, "mallory", `/skein review ${head}`);
    const without = await command(pull.number, "grace", "/skein review");
    const called = servers.flatMap(({ calls }) => calls);
    const asked = await command(pull.number, "grace", `/skein review ${head}`);

    expect([opened, strangers, without].map(({ outputs }) => outputs["findings"])).toEqual([
      "",
      "",
      "",
    ]);
    expect(called).toEqual([]);
    expect(asked.outputs).toMatchObject({ findings: "1" });
  });
});

async function openPull(): Promise<number> {
  const pull = await github.openPull(shop, {
    title: "Settle by index",
    author: "grace",
    head: "feature/pay",
  });
  return pull.number;
}

async function review(action: string, pull: number): Promise<StepEnd> {
  const payload = await payloadOf(github, "grace", { action, pull });
  return runStep({ github, event: "pull_request", payload, env: reviewEnv });
}

async function headOf(pull: number): Promise<string> {
  const payload = await payloadOf(github, "grace", { action: "opened", pull });
  return /"head":\{[^{}]*"sha":"([0-9a-f]{40})"/u.exec(JSON.stringify(payload))?.[1] ?? "";
}

/** What changes something; GraphQL reads, too, by POST, and git fetches. */
function isWrite({ method, path }: Github["calls"][number]): boolean {
  return method !== "GET" && path !== "/graphql" && !path.endsWith("/git-upload-pack");
}

/** A comment as the API shows it. */
async function said(pull: number, who: string, body: string): Promise<unknown> {
  const { id } = github.comment(shop, pull, { author: who, body });
  const url = `${github.url}/repos/${shop}/issues/comments/${String(id)}`;
  const headers = { authorization: `Bearer ${github.userToken("grace")}` };
  return (await fetch(url, { headers })).json();
}

async function command(pull: number, who: string, body: string): Promise<StepEnd> {
  const comment = await said(pull, who, body);
  const payload = await payloadOf(github, who, { action: "created", issue: pull, comment });
  return runStep({
    github,
    event: "issue_comment",
    payload,
    env: reviewEnv,
    token: github.jobToken(shop, jobRights),
  });
}

function summaries(pull: number): readonly string[] {
  return [...github.repository(shop).comments.values()]
    .filter(({ issueNumber }) => issueNumber === pull)
    .map(({ body }) => body);
}

function reviewComments(pull: number): readonly unknown[] {
  const posted = github.calls.filter(
    ({ method, path, status }) =>
      method === "POST" && path.endsWith(`/pulls/${String(pull)}/reviews`) && status === 200,
  );
  return posted.flatMap(({ body }) =>
    typeof body === "object" &&
    body !== null &&
    "comments" in body &&
    Array.isArray(body["comments"])
      ? body["comments"]
      : [],
  );
}

/** What the last check of a name says on lines. */
function annotations(name: string): readonly unknown[] {
  const runs = [...github.repository(shop).runs.values()];
  return runs.findLast((run) => run.name === name)?.annotations ?? [];
}

function checks(): readonly unknown[] {
  const last = new Map<string, unknown>();
  for (const { method, path, answer } of github.calls) {
    if (
      method !== "GET" &&
      path.includes("/check-runs") &&
      typeof answer === "object" &&
      answer !== null &&
      "name" in answer
    ) {
      last.set(JSON.stringify(answer["name"]), answer["conclusion"]);
    }
  }
  return [...last];
}
