import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { handleIssue } from "../../src/bot/handlers/plan.ts";
import type { BotContext, BotStage, HandlerOutcome } from "../../src/bot/context.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import { withDecomposition } from "../../src/bot/plan/decomposing.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { testEnv } from "../adapters/git/repositories.ts";
import { checkOut, payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { aContext, plainWishes } from "./contexts.ts";

let github: Github;
let server: ModelServer;
let place: Workplace;
let issue = 0;

/** Of one answer: 1 000 tokens in at 2 USD a million, 100 out at 10. */
const usage = { inputTokens: 1_000, outputTokens: 100 };
const answerMicroUsd = 3_000;

beforeEach(async () => {
  server = await startModelServer({ key: "test", reply: () => say("I make no plan.", { usage }) });
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "src/a.ts": "1\n" } });
  place = await botPlace(
    github,
    `budgets: { run_usd: 0.50, issue_usd: 1.00 }
providers: { own: { kind: openai-compatible, base_url: "${server.v1}", api_key: env:OWN_KEY } }
models: { one: { provider: own, id: one, size: large, price: { input: 2, output: 10 } } }
`,
  );
  issue = openIssue("Shoppers see net prices.");
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await Promise.all([github.close(), server.close()]);
});

function openIssue(body: string): number {
  return github.openIssue(shop, { title: "Gross", body, author: "grace", labels: ["skein:plan"] })
    .number;
}

/** One job after the other, each with what the one before it handed on. */
async function stage(
  name: BotStage,
  before: HandlerOutcome | null,
  odd: Partial<BotContext> = {},
): Promise<HandlerOutcome> {
  const payload = { action: "labeled", issue, label: { name: "skein:plan" } };
  const event = parsePayload("issues", await payloadOf(github, "grace", payload), null);
  if (event.kind !== "issue") {
    throw new Error("it is an issue's event");
  }
  const handover = before?.handover ?? null;
  const context = aContext({
    event,
    wishes: { ...plainWishes, stage: name },
    cwd: await checkOut(github),
    env: { ...testEnv, OWN_KEY: "test" },
    received: handover === null ? null : { kind: "plan", hash: "h1", ...handover },
    ...odd,
  });
  return handleIssue(context, place, event);
}

async function spent(): Promise<number> {
  return withDecomposition(aContext(), place, async (each) => each.spent(issue, null));
}

function comments(): readonly string[] {
  return [...github.repository(shop).comments.values()].map(({ body }) => body);
}

describe("a plan in several jobs", () => {
  test("counts what models cost of whose answers none was a plan, and says so", async () => {
    const reserved = await stage("reserve", await stage("collect", null));
    const begun = await spent();
    const thought = await stage("think", reserved);

    await expect(stage("publish", thought)).rejects.toMatchObject({ code: "SKN-0841" });

    expect(server.calls.length).toBeGreaterThan(0);
    expect(begun).toBe(500_000);
    expect(await spent()).toBe(server.calls.length * answerMicroUsd);
    expect(comments()[0]).toContain("(SKN-0841), so that no plan is shown");
    expect(comments()[1]).toContain("`SKN-0841`");
    expect(github.repository(shop).issues.get(issue)?.labels).toEqual([]);
  });

  test("counts the same where no job set the money aside", async () => {
    const thought = await stage("think", await stage("collect", null));

    await expect(stage("publish", thought)).rejects.toMatchObject({ code: "SKN-0841" });

    expect(await spent()).toBe(server.calls.length * answerMicroUsd);
  });

  test("counts one that was begun and never settled as its whole budget, in what is left for the next", async () => {
    await stage("reserve", await stage("collect", null));
    await stage("reserve", await stage("collect", null));
    const again = await stage("reserve", await stage("collect", null));

    expect(await spent()).toBe(1_500_000);
    await stage("publish", await stage("think", again)).catch(() => null);
    expect(server.calls).toEqual([]);
    expect(await spent()).toBe(1_000_000);
  });

  test("sets nothing aside for a checklist, which costs nothing", async () => {
    issue = openIssue("- [ ] One (files: a.ts)\n- [ ] Two (files: b.ts)\n");
    const reserved = await stage("reserve", await stage("collect", null));
    const before = comments();
    const published = await stage("publish", await stage("think", reserved));

    expect(before).toEqual([]);
    expect(published).toMatchObject({ conclusion: "success", title: "Proposed 2 parts." });
  });

  test("asks no model once the parts are there", async () => {
    issue = openIssue("- [ ] One (files: a.ts)\n- [ ] Two (files: b.ts)\n");
    await stage("all", null);
    const hash = /approve ([0-9a-f]{40})/u.exec(comments()[0] ?? "")?.[1] ?? "";
    const by = { id: 0, login: "grace", kind: "person" } as const;
    await withDecomposition(aContext(), place, async (each) => each.approve({ issue, hash, by }));
    await place.host.issues.update(issue, { body: "No list any more." });

    const reserved = await stage("reserve", await stage("collect", null));
    const published = await stage("publish", await stage("think", reserved));

    expect(published).toMatchObject({
      conclusion: "neutral",
      title: "Its parts are there already.",
    });
    expect(server.calls).toEqual([]);
  });

  test.each([
    ["a code that is none", { failure: { code: "@grace", microUsd: 1 } }],
    ["a cost that is none", { failure: { code: "SKN-0841", microUsd: -1 } }],
    ["a draft that is none", { draft: { plan: "@grace" } }],
  ])("believes no %s", async (_, payload) => {
    const forged = {
      ...(await stage("collect", null)),
      handover: { headSha: null, baseSha: null, payload },
    };

    await expect(stage("publish", forged)).rejects.toMatchObject({ code: "SKN-8941" });

    expect(await spent()).toBe(0);
  });
});
