import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { handoverFolder, payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd, StepRequest } from "../support/action-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "../support/model-servers/index.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import {
  after,
  before,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

let github: Github;
let servers: ModelServer[] = [];
let database: PostgresPlace;

beforeEach(async () => {
  database = await createPostgresPlace(postgresUrl ?? "");
  servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) => startModelServer({ key, reply: costly })),
  );
  github = await startGithub();
  github.addUser("grace");
  github.addUser("wes");
  github.addUser("kim");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  github.setPermission(shop, "wes", "write");
  github.setPermission(shop, "kim", "write");
  await settle("");
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all(servers.map(async (server) => server.close()));
  await database.remove();
});

/** At the prices of the stand: nearly all of what is set aside for a call, so that little of it comes back. */
const generation = { inputTokens: 1_000, outputTokens: 1_400 };
const vote = { inputTokens: 800, outputTokens: 150 };
const generationMicroUsd = 16_000;
const voteMicroUsd = 3_100;
/** Two seats find, one votes. */
const reviewMicroUsd = 2 * generationMicroUsd + voteMicroUsd;
/** The worst case of a review is 68,520: room for one, and for no second once its money is spent. */
const one = "0.080";
/** As much as one may need, and less than two spend that do not know of each other. */
const oneAtOnce = "0.069";

function costly(call: ModelCall): Answer {
  const answer = scriptedReviewer({ finds: true, invents: false })(call);
  const usage = call.prompt.includes("Vote on each of:") ? vote : generation;
  return answer.kind === "text" ? { ...answer, usage } : answer;
}

describe.skipIf(postgresUrl === null)("the Action with a database", () => {
  test("holds the limits of an author and of a day over runs that share nothing else", async () => {
    await settle(`budgets: { author_day_usd: ${one}, day_usd: 0.120 }`);

    const first = await review(await aPull("one", "grace"));
    const again = await review(await aPull("two", "grace"));
    const others = await review(await aPull("three", "wes"));
    const late = await review(await aPull("four", "kim"));

    expect([first, others].map(({ outputs }) => outputs["findings"])).toEqual(["1", "1"]);
    expect([first, again, others, late].map(callsOf)).toEqual([3, 0, 3, 0]);
    expect(await spent()).toBe(2 * reviewMicroUsd);
  });

  test("lets two reviews of one issue at the same moment see each other's money", async () => {
    const { number } = github.openIssue(shop, { title: "Sums", body: "Wrong.", author: "grace" });
    await settle(`budgets: { issue_usd: ${oneAtOnce} }`);
    const pulls = [
      await aPull("one", "grace", `Fixes #${String(number)}`),
      await aPull("two", "wes", `Fixes #${String(number)}`),
    ];

    await Promise.all(pulls.map(async (pull) => review(pull)));

    expect(await spent()).toBeGreaterThan(0);
    expect(await spent()).toBeLessThanOrEqual(69_000);
  });

  test("learns from what people did with a finding, and knows it in the next run", async () => {
    const pull = await aPull("one", "grace");
    await review(pull);
    for (const { id } of github.repository(shop).reviewComments.values()) {
      await react(id, "-1");
    }

    const swept = await step({ event: "schedule", payload: { schedule: "0 * * * *" } });

    const outcomes = await rows("SELECT * FROM review_outcomes");
    expect(swept.outputs["conclusion"]).toBe("success");
    expect(outcomes.length).toBeGreaterThan(0);
  });

  test("keeps a plan and its tasks, where agents get them", async () => {
    const body =
      "Wrong.\n\n- [ ] Mend the sum (files: src/pay.ts)\n- [ ] Tell (files: src/tell.ts)\n";
    const { number } = github.openIssue(shop, { title: "Sums", body, author: "grace" });
    const label = { name: "skein:plan" };
    const planned = await step({
      event: "issues",
      payload: { action: "labeled", issue: number, label },
    });
    await command(number, `/skein approve ${planned.outputs["plan-hash"] ?? ""}`);

    const tasks = await rows("SELECT id FROM tasks ORDER BY id");

    expect(github.repository(shop).issues.size).toBe(3);
    expect(tasks).toHaveLength(2);
  });

  test("goes on without one that is away, with a warning, and asks no model where its limits are set", async () => {
    const away = { "database-url": "postgres://skein:hunter2-hunter2@127.0.0.1:9/skein" };

    const free = await review(await aPull("one", "grace"), away);
    await settle("budgets: { day_usd: 5 }");
    const bound = await review(await aPull("two", "grace"), away);

    expect(free.outputs).toMatchObject({ findings: "1" });
    expect(free.log).toMatch(/::warning.*SKN-7116/u);
    expect(bound.outputs).toMatchObject({ findings: "" });
    expect(bound.log).toContain("`day_usd`");
    expect(callsOf(bound)).toBe(0);
    for (const { log, summary } of [free, bound]) {
      expect(log.replaceAll(/^::add-mask::.*$/gmu, "") + summary).not.toContain("hunter2-hunter2");
    }
  });

  test("ends three jobs in order where it is away for the one that thinks alone", async () => {
    await settle("budgets: { day_usd: 5 }");
    const pull = await aPull("one", "grace");
    const inputs = { "handover-path": join(handoverFolder(), "handover.json") };
    const away = { "database-url": "postgres://skein:hunter2-hunter2@127.0.0.1:9/skein" };

    const collected = await review(pull, { ...inputs, stage: "collect", "database-url": "" });
    const reserved = await review(pull, { ...inputs, stage: "reserve" });
    const thought = await review(pull, { ...inputs, ...away, stage: "think" });
    const published = await review(pull, { ...inputs, stage: "publish" });

    const ends = [collected, reserved, thought, published];
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ends.map(callsOf)).toEqual([0, 0, 0, 0]);
    expect(published.outputs).toMatchObject({ conclusion: "skipped" });
    expect(published.outputs["title"]).toContain("`day_usd`");
    const checks = [...github.repository(shop).runs.values()];
    expect(checks).toMatchObject([{ name: "skein/review", conclusion: "neutral" }]);
    expect(checks[0]?.summary).toContain("The database does not answer");
    const told = [...github.repository(shop).comments.values()].map(({ body }) => body);
    expect(told).toMatchObject([expect.stringContaining("Not reviewed: The database does not")]);
    await command(pull, "/skein budget");
    const budget = [...github.repository(shop).comments.values()].at(-1)?.body;
    expect(budget).toMatch(/- Money: 0(?:\.00)? USD spent here/u);
  });

  test("fails with the reason where people have to mend the database", async () => {
    const url = new URL(database.url);
    url.pathname = "/skein_no_such_database";

    const failed = await review(await aPull("one", "grace"), { "database-url": url.href });

    expect(failed.code).toBe(1);
    expect(failed.log).toMatch(/SKN-\d{4}/u);
    expect(failed.log).not.toContain("SKN-0941");
    expect(calls()).toBe(0);
  });

  test("asks the published ledger while no agent has ever worked in the database", async () => {
    const pull = await aPull("one", "grace");

    const judged = await step({
      event: "pull_request",
      payload: { action: "labeled", pull },
      inputs: { mode: "rules" },
    });

    expect(judged.outputs).toMatchObject({ conclusion: "success" });
    expect(judged.summary).not.toContain("live ledger");
  });
});

async function settle(more: string): Promise<void> {
  const [claude, router] = servers;
  if (claude === undefined || router === undefined) {
    throw new Error("two servers were started");
  }
  const text = settingsFor(claude, router, `review: { preset: quick }\n${more}\n`);
  const files = { ".github/skein.yml": text, "src/pay.ts": before, "src/tell.ts": "1\n" };
  await github.commit(shop, { branch: "main", files });
}

async function aPull(branch: string, author: string, body = ""): Promise<number> {
  await github.commit(shop, { branch, files: { "src/pay.ts": `${after}// ${branch}\n` } });
  const pull = await github.openPull(shop, { title: branch, body, author, head: branch });
  return pull.number;
}

interface Step extends Pick<StepRequest, "event" | "inputs"> {
  readonly payload: Readonly<Record<string, unknown>>;
}

const asked = new Map<StepEnd, number>();

async function step({ event, payload, inputs = {} }: Step): Promise<StepEnd> {
  const from = calls();
  const end = await runStep({
    github,
    event,
    payload: await payloadOf(github, "grace", { action: "", ...payload }),
    inputs: { "database-url": database.url, ...inputs },
    env: reviewEnv,
  });
  asked.set(end, calls() - from);
  return end;
}

async function review(
  pull: number,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepEnd> {
  const payload = { action: "opened", pull };
  return step({ event: "pull_request", payload, inputs: { mode: "review", ...inputs } });
}

async function command(number: number, body: string): Promise<StepEnd> {
  const { id } = github.comment(shop, number, { author: "grace", body });
  const answer = await ask("GET", `/issues/comments/${String(id)}`);
  const comment: unknown = await answer.json();
  return step({ event: "issue_comment", payload: { action: "created", issue: number, comment } });
}

async function react(comment: number, content: string): Promise<void> {
  await ask("POST", `/pulls/comments/${String(comment)}/reactions`, { content });
}

async function ask(method: string, path: string, content?: object): Promise<Response> {
  return fetch(`${github.url}/repos/${shop}${path}`, {
    method,
    headers: { authorization: `Bearer ${github.userToken("grace")}` },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
}

function calls(): number {
  return servers.reduce((sum, server) => sum + server.calls.length, 0);
}

/** Of the models, during a step. */
function callsOf(end: StepEnd): number {
  return asked.get(end) ?? 0;
}

/** What the database counts, over all runs. */
async function spent(): Promise<number> {
  const [row] = await rows("SELECT COALESCE(sum(micro_usd), 0) AS sum FROM spends");
  return Number(row?.["sum"]);
}

async function rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = await database.pool.connect();
  try {
    return (await client.query<Readonly<Record<string, unknown>>>({ text })).rows;
  } finally {
    client.release();
  }
}
