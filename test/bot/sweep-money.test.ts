import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import type { BotContext, HandlerOutcome } from "../../src/bot/context.ts";
import { handlePlanWish } from "../../src/bot/handlers/plan.ts";
import { runReview } from "../../src/bot/handlers/review.ts";
import { sweep } from "../../src/bot/handlers/schedule.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { reviewCheck } from "../../src/core/pull-reviews/index.ts";
import type { CheckReport } from "../../src/core/hosting/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { checkOut, payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { anEvent, aContext } from "./contexts.ts";

let github: Github;
let place: Workplace;
let pull = 0;
let head = "";
let warnings: string[] = [];

/** Nobody listens there: what is asked of it fails. */
const settings = `providers: { own: { kind: openai-compatible, base_url: "http://127.0.0.1:9/v1" } }
models: { one: { provider: own, id: one, size: large, price: { input: 2, output: 10 } } }
`;

beforeEach(async () => {
  warnings = [];
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "src/a.ts": "1\n" } });
  head = await github.commit(shop, { branch: "topic", files: { "src/a.ts": "2\n" } });
  const opened = { title: "T", body: "", author: "grace", head: "topic" };
  pull = (await github.openPull(shop, opened)).number;
  place = await botPlace(github, settings);
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});
afterAll(removeRepositories);

const bounds = { keys: new Set<string>(), baseUrls: new Set<string>() };

function warn(text: string): void {
  warnings.push(text);
}

async function contextOf(odd: Partial<BotContext> = {}): Promise<BotContext> {
  const log = { ...aContext().log, warn };
  return aContext({
    event: anEvent("schedule", null),
    cwd: await checkOut(github),
    env: testEnv,
    log,
    ...odd,
  });
}

async function shown(odd: Partial<CheckReport>): Promise<void> {
  await place.host.checks.report(
    {
      headSha: head,
      name: reviewCheck,
      conclusion: "neutral",
      title: "Incomplete",
      summary: "-",
      text: "",
      annotations: [],
      externalId: "R1",
      detailsUrl: null,
      ...odd,
    },
    null,
  );
}

function reviewWrites(): readonly string[] {
  return github.calls
    .filter(
      ({ method, body }) => method !== "GET" && JSON.stringify(body).includes("Reviewers read"),
    )
    .map(({ path }) => path);
}

describe("the sweep", () => {
  test("sets no money aside where the operator of the App has not allowed the providers", async () => {
    const context = await contextOf({ bounds });

    const outcome = await sweep(context, place);

    expect(outcome.conclusion).toBe("success");
    expect(reviewWrites()).toEqual([]);
    expect(github.repository(shop).comments.size).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/SKN-8757.*Operator: name/su)]);
  });

  test.each([
    ["whose review was incomplete", { conclusion: "neutral", externalId: "R1" }],
    ["whose review failed it", { conclusion: "failure", externalId: "R1" }],
  ] as const)("buys no second review of a head %s", async (_, odd) => {
    await shown(odd);

    await sweep(await contextOf(), place);

    expect(reviewWrites()).toEqual([]);
  });

  test("reviews a head of which only a reason was shown that is gone now", async () => {
    await shown({ conclusion: "failure", externalId: "skipped:0123456789abcdef" });

    await sweep(await contextOf(), place);

    expect(reviewWrites()).not.toEqual([]);
  });

  test("begins none in the App while another delivery has begun one, and makes good a job's that broke off", async () => {
    await shown({ conclusion: null, externalId: "run" });
    const allowed = { ...bounds, baseUrls: new Set(["http://127.0.0.1:9/v1"]) };

    await sweep(await contextOf({ bounds: allowed }), place);
    const before = reviewWrites();
    await sweep(await contextOf(), place);

    expect(before).toEqual([]);
    expect(reviewWrites()).not.toEqual([]);
  });

  test("goes on after a review that cannot be made, gives its money back and says why", async () => {
    // Without a checkout there is no change to read.
    const outcome = await sweep(await contextOf({ cwd: null }), place);

    expect(outcome.title).toContain("Missed heads that were reviewed: 0.");
    expect(outcome.title).toMatch(
      /Open pull requests judged by the rules: \d+, of which failing: \d+\./u,
    );
    expect(warnings).toEqual([expect.stringContaining("SKN-5942")]);
    const [comment] = [...github.repository(shop).comments.values()];
    expect(comment?.body).toContain("Not reviewed: SKN-5942");
  });
});

describe("what the operator of the App has not allowed", () => {
  test("is told in the check of a pull request, and ends its delivery", async () => {
    const payload = await payloadOf(github, "grace", { action: "opened", pull });
    const context = await contextOf({ bounds, event: parsePayload("pull_request", payload, null) });

    const outcome = await runReview(context, place, { number: pull, trigger: { kind: "opened" } });

    expect(outcome).toMatchObject({ conclusion: "skipped" });
    expect(outcome.title).toContain("SKN-8757");
    const [check] = await place.host.checks.list(head, reviewCheck);
    expect(check).toMatchObject({ conclusion: "skipped" });
    expect(reviewWrites()).toEqual([]);
  });

  test("is told on an issue that is to be planned, and ends its delivery", async () => {
    const issue = github.openIssue(shop, { title: "I", body: "Do it.", author: "grace" }).number;
    const label = { name: "skein:plan" };
    const payload = await payloadOf(github, "grace", { action: "labeled", issue, label });
    const event = parsePayload("issues", payload, null);
    const context = await contextOf({ bounds, event, isDurable: true });

    const outcome = await handlePlanWish(context, place, { kind: "plan" });

    expect(outcome).toMatchObject({ conclusion: "skipped" });
    expect(outcome.title).toMatch(/SKN-8757.*Maintainers: use/su);
    expect(warnings).toEqual([expect.stringContaining('"fingerprint"')]);
  });
});

/** One job on the event of an opened pull request, when it comes to run. */
async function stageOf(
  stage: "collect" | "reserve" | "think",
  odd: Partial<BotContext> = {},
): Promise<() => Promise<HandlerOutcome>> {
  const payload = await payloadOf(github, "grace", { action: "opened", pull });
  const event = parsePayload("pull_request", payload, null);
  const context = await contextOf({ event });
  const wishes = { ...context.wishes, stage };
  const wish = { number: pull, trigger: { kind: "opened" } } as const;
  return async () => runReview({ ...context, wishes, ...odd }, place, wish);
}

describe("a job of several", () => {
  test.each(["collect", "reserve", "think"] as const)(
    "stops in %s where the head of its event is not there any more",
    async (stage) => {
      const act = await stageOf(stage);
      await github.commit(shop, { branch: "topic", files: { "src/a.ts": "3\n" } });

      const outcome = await act();

      expect(outcome).toMatchObject({ conclusion: "skipped", handover: null });
      expect(outcome.title).toContain("The head has moved on");
      expect(reviewWrites()).toEqual([]);
    },
  );

  test("hands on why no model could be asked", async () => {
    const outcome = await (await stageOf("think", { cwd: null, git: null }))();

    expect(outcome.handover?.payload).toMatchObject({ why: expect.stringContaining("SKN-5942") });
    expect(warnings[0]).toContain("SKN-5942");
  });
});
