import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import type { FaultKind } from "../support/github/faults.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github, RecordedCall } from "../support/github/server.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
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

beforeAll(async () => {
  const reply = scriptedReviewer({ finds: true, invents: false });
  servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) => startModelServer({ key, reply })),
  );
  // Many pull requests in one minute of one repository.
  github = await startGithub({ limits: { writesPerMinute: 1_000, writesPerHour: 10_000 } });
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  const [claude, router] = servers;
  if (claude === undefined || router === undefined) {
    throw new Error("two servers were started");
  }
  const more = "budgets: { run_usd: 0.5, pull_request_usd: 5 }\nreview: { preset: fast }\n";
  await github.commit(shop, {
    branch: "main",
    files: { ".github/skein.yml": settingsFor(claude, router, more), "src/pay.ts": before },
  });
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all(servers.map(async (server) => server.close()));
});

/** Each call of the flow that is not a read, by what it is. */
const writes = [
  ["the question about threads", "POST", /^\/graphql$/u],
  ["the check of the rules", "POST", /\/check-runs$/u],
  ["the summary before the models are asked", "POST", /\/issues\/\d+\/comments$/u],
  ["the review", "POST", /\/pulls\/\d+\/reviews$/u],
  ["the check's end", "PATCH", /\/check-runs\/\d+$/u],
  ["the summary after it", "PATCH", /\/issues\/comments\/\d+$/u],
] as const;

describe("a review whose run broke off", () => {
  test("is of the calls that this file breaks, and no others", async () => {
    const pull = await openPull("calm");
    const from = now();
    await opened(pull);

    const made = github.calls
      .slice(from.asked)
      .filter(({ method, path }) => method !== "GET" && !path.endsWith("/git-upload-pack"));
    const unknown = made.filter(
      ({ method, path }) => !writes.some(([, verb, shape]) => verb === method && shape.test(path)),
    );
    expect(unknown.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    expect(writes.every(([, , shape]) => made.some(({ path }) => shape.test(path)))).toBe(true);
    expectWhole(pull, from);
  });

  test.each(writes)("at %s is made good by the next run", async (what, method, path) => {
    const pull = await openPull(`down ${what}`);
    const from = now();
    // More often than a client repeats it.
    github.faults.add({ method, path, times: 9, kind: "status", status: 502 });
    const broken = await opened(pull);
    github.faults.clear();

    const step = await opened(pull);

    expect(broken.code, broken.log).toBe(1);
    expect(step.code, step.log).toBe(0);
    expectWhole(pull, from);
  });

  test("at the check that says that it runs is made good by the next run", async () => {
    const pull = await openPull("second check");
    const from = now();
    const fault = { method: "POST", path: /\/check-runs$/u, after: 1, times: 9 } as const;
    github.faults.add({ ...fault, kind: "status", status: 502 });
    const broken = await opened(pull);
    github.faults.clear();

    await opened(pull);

    expect(broken.code).toBe(1);
    expectWhole(pull, from);
  });

  test.each(writes.slice(1))(
    "without the answer about %s says nothing twice",
    async (what, method, path) => {
      const pull = await openPull(`lost ${what}`);
      const from = now();
      const lost: FaultKind = { kind: "lost-answer" };
      github.faults.add({ method, path, ...lost });
      await opened(pull);
      github.faults.clear();

      await opened(pull);

      expectWhole(pull, from);
    },
  );
});

/** How many calls of GitHub and of models there were. */
interface Moment {
  readonly asked: number;
  readonly thought: number;
}

function now(): Moment {
  const thought = servers.reduce((sum, { calls }) => sum + calls.length, 0);
  return { asked: github.calls.length, thought };
}

async function openPull(name: string): Promise<number> {
  const branch = `feature/${name.replaceAll(/[^a-z]+/gu, "-")}`;
  const files = { "src/pay.ts": `${after}// ${name}\n` };
  await github.commit(shop, { branch, files });
  const { number } = await github.openPull(shop, {
    title: "Settle by index",
    author: "grace",
    head: branch,
  });
  return number;
}

async function opened(pull: number): Promise<StepEnd> {
  const payload = await payloadOf(github, "grace", { action: "opened", pull });
  return runStep({ github, event: "pull_request", payload, env: reviewEnv });
}

/** One summary, one comment on the one finding, checks that have ended, and money that is not less than what was spent. */
function expectWhole(pull: number, from: Moment): void {
  const repository = github.repository(shop);
  const comments = [...repository.comments.values()].filter(
    ({ issueNumber }) => issueNumber === pull,
  );
  const made = github.calls.slice(from.asked);
  const head = headOf(made);
  const onLines = [...repository.reviewComments.values()].filter(
    ({ pullNumber }) => pullNumber === pull,
  );

  expect(comments.map(({ body }) => body.startsWith("## Skein review: "))).toEqual([true]);
  expect(onLines).toHaveLength(1);
  expect(onLines[0]?.body).toContain(bug.title);
  expect(lastChecks(head)).toEqual({ "skein/rules": "success", "skein/review": "neutral" });
  const spent = Number(/this pull request ([\d.]+) USD/u.exec(comments[0]?.body ?? "")?.[1]);
  const asked = now().thought - from.thought;
  expect(asked).toBeGreaterThan(0);
  expect(Math.round(spent * 1_000_000)).toBeGreaterThanOrEqual(asked * callMicroUsd);
}

function headOf(calls: readonly RecordedCall[]): string {
  const found = calls
    .map(({ path, answer }) => (/\/pulls\/\d+$/u.test(path) ? JSON.stringify(answer) : ""))
    .map((text) => /"head":\{[^{}]*"sha":"([0-9a-f]{40})"/u.exec(text)?.[1])
    .find((sha) => sha !== undefined);
  return found ?? "";
}

/** GitHub shows the last check of each name. */
function lastChecks(head: string): Readonly<Record<string, string | null>> {
  const runs = [...github.repository(shop).runs.values()].filter(({ headSha }) => headSha === head);
  return Object.fromEntries(runs.map(({ name, conclusion }) => [name, conclusion]));
}
