import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import type { BotContext } from "../../src/bot/context.ts";
import { handleIssue } from "../../src/bot/handlers/plan.ts";
import { parsePayload } from "../../src/bot/payload.ts";
import { openIssueMoney } from "../../src/bot/review/issue-money.ts";
import { withDecomposition } from "../../src/bot/plan/decomposing.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { openProject } from "../../src/compose.ts";
import type { PaidOutcome } from "../../src/core/costs/index.ts";
import { createPlanner } from "../../src/core/planner/index.ts";
import type { PullRequest } from "../../src/core/hosting/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "../cli/command-line.ts";
import { files, policy } from "../core/planner/builders.ts";
import { payloadOf, shop } from "../support/action-stand.ts";
import { botPlace } from "../support/bot-place.ts";
import { createStand } from "../support/coordination.ts";
import { issueBody } from "../support/decomposition-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { openMemoryStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";
import { aContext } from "./contexts.ts";

let github: Github;
let place: Workplace;
let issue = 0;
let wes = 0;

beforeEach(async () => {
  github = await startGithub();
  wes = github.addUser("wes").id;
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "wes", "write");
  await github.commit(shop, { branch: "main", files: { "README.md": "A shop.\n" } });
  place = await botPlace(github, "budgets: { issue_usd: 1.00 }\n");
  issue = github.openIssue(shop, { title: "Gross", body: issueBody, author: "wes" }).number;
  await split();
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

afterAll(removeRepositories);

const context = aContext();

/** The issue with four children, planned from its checklist for 0.40 USD, as an Action does it: without a database. */
async function split(): Promise<void> {
  const skein = await createStand(openMemoryStore);
  const planner = createPlanner({
    ...skein,
    policy,
    random: createSeededRandom(7),
    parsePath: (text) => skein.parsePath(text),
    importPlan: async (draft, given) => skein.dispatch.importPlan(draft, given),
    readBase: async () => Promise.resolve({ commit: null, paths: files }),
    models: async () => Promise.reject(new Error("No model is asked.")),
    price: async () => Promise.resolve(null),
    readText: async () => Promise.resolve(null),
  });
  await withDecomposition(context, place, async (decomposition) => {
    const proposed = await decomposition.propose({
      issue,
      draft: async (source, id) => {
        const { signal } = new AbortController();
        const draft = await planner.draft({ source, id, actor: "system", signal });
        const base = await place.host.files.resolve("refs/heads/main");
        const cost = { ...draft.drafting.cost, microUsd: 400_000 };
        return { ...draft, base, drafting: { ...draft.drafting, cost } };
      },
    });
    const hash = proposed.kind === "proposed" ? proposed.preview.hash : "";
    const by = { id: wes, login: "wes", kind: "person" } as const;
    expect(await decomposition.approve({ issue, hash, by })).toMatchObject({ kind: "created" });
  });
}

async function aPull(branch: string, body: string): Promise<PullRequest> {
  await github.commit(shop, { branch, files: { "src/a.ts": `// ${branch}\n` } });
  const { number } = await github.openPull(shop, { title: "T", body, author: "wes", head: branch });
  const pull = await place.host.pulls.get(number);
  if (pull === null) {
    throw new Error("it was just opened");
  }
  return pull;
}

/** A child of the issue. */
async function child(): Promise<number> {
  const below = await place.host.issues.children(issue);
  return below === "unsupported" ? 0 : (below[0]?.number ?? 0);
}

describe("the money of an issue without a database", () => {
  test("is one budget over its plan and the reviews of all pull requests for it", async () => {
    const first = await aPull("one", `Closes #${String(await child())}`);
    const second = await aPull("two", `Fixes #${String(issue)}`);
    const other = await aPull("three", "Nothing is closed.");
    const money = openIssueMoney(context, place);

    expect(await money.share(first, 0)).toEqual({ number: issue, spentBefore: 400_000 });
    expect(await money.refuse(first, 0)).toBeNull();
    await money.end(first, 650_000);
    const later = openIssueMoney(context, place);

    expect(await later.share(second, 10_000)).toEqual({ number: issue, spentBefore: 1_060_000 });
    expect(await later.refuse(second, 10_000)).toBe(
      `The budget of #${String(issue)}, which it is for, is used up: 1.06 of 1.00 USD.`,
    );
    expect(await later.refuse(other, 10_000)).toBeNull();
    expect(await later.share(other, 10_000)).toBeNull();
    const [comment] = await place.host.issues.comments(issue);
    expect(comment?.body).toContain(
      "Spent 1.05 USD, 0.40 USD of it on planning, 0.65 USD on reviews.",
    );
    expect(comment?.body).toContain("0.00 USD of 1.00 USD are left.");
  });

  test("is not changed by a review whose cost cannot be told, which the next one tells", async () => {
    const pull = await aPull("one", `Closes #${String(issue)}`);
    github.faults.add({
      method: "PATCH",
      path: /\/issues\/comments\//u,
      kind: "status",
      status: 502,
    });
    const money = openIssueMoney(context, place);
    await money.end(pull, 100_000);
    await money.end(pull, 200_000);

    const told = await withDecomposition(context, place, async (each) => each.spent(issue, null));
    expect(told).toBe(600_000);
  });
});

async function lasting(): Promise<BotContext> {
  const line = aCommandLine({ "src/a.ts": "export {};\n" });
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  const usage = {
    model: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    microUsd: 900_000,
  };
  const claim = { plan: `gh-${String(issue)}`, task: "T1", fence: 1, attempt: 1 };
  await skein.store.write(async (tx) =>
    skein.costs.record(tx, { ...claim, session: null, usage, actor: "system" }),
  );
  await skein.close();
  return aContext({ isDurable: true, cwd: line.repository.root, env: testEnv });
}

async function outcomesIn({ cwd }: BotContext): Promise<readonly PaidOutcome[]> {
  const { skein } = await openProject({ cwd: cwd ?? "", env: testEnv });
  const found = await skein.store.read(async (reader) => skein.costs.outcomes(reader));
  await skein.close();
  return found;
}

describe("the money of an issue in a ledger that outlives the run", () => {
  test("holds reviews back by what agents have spent, as the ledger has it", async () => {
    const durable = await lasting();
    const pull = await aPull("one", `Closes #${String(await child())}`);
    const poor = await botPlace(github, "budgets: { issue_usd: 0.90 }\n");

    expect(await openIssueMoney(durable, place).refuse(pull, 0)).toBeNull();
    expect(await openIssueMoney(durable, poor).refuse(pull, 0)).toContain(
      "is used up: 0.90 of 0.90 USD.",
    );
    expect(await openIssueMoney(durable, poor).share(pull, 0)).toEqual({
      number: issue,
      spentBefore: 0,
    });
  });

  test("becomes the budget of the plan's claims", async () => {
    const durable = await lasting();
    await withDecomposition(durable, place, async (each) => each.sync({ issue }));
    const { skein } = await openProject({ cwd: durable.cwd ?? "", env: testEnv });
    const budget = await skein.store.read(async (reader) =>
      skein.costs.budget(reader, `issue:${String(issue)}`),
    );
    await skein.close();

    expect(budget).toMatchObject({ limitMicroUsd: 1_000_000, spentMicroUsd: 900_000 });
  });

  test("keeps what a pull request and an issue came to, with what they cost", async () => {
    const durable = await lasting();
    const opened = await aPull("one", `Closes #${String(await child())}`);
    await github.merge(shop, opened.number, "wes");
    const merged = await place.host.pulls.get(opened.number);
    if (merged === null) {
      throw new Error("it was just merged");
    }
    await openIssueMoney(durable, place).end(merged, 0);
    const open = await aPull("two", `Fixes #${String(issue)}`);
    await openIssueMoney(durable, place).end(open, 0);
    await openIssueMoney(durable, place).end({ ...open, number: 999, isOpen: false }, 0);
    const plain = github.openIssue(shop, { title: "Typo", body: "", author: "wes" });
    github.closeIssue(shop, plain.number, "not_planned");
    await issueEnded(durable, plain.number);

    const kept = (await outcomesIn(durable)).map(({ kind, number, isReached, microUsd }) => ({
      kind,
      number,
      isReached,
      microUsd,
    }));
    expect(kept).toContainEqual({
      kind: "pr",
      number: merged.number,
      isReached: true,
      microUsd: 900_000,
    });
    // Closed and not merged it was given up; open it has come to nothing yet.
    expect(kept).toContainEqual(expect.objectContaining({ number: 999, isReached: false }));
    expect(kept.map(({ number }) => number)).not.toContain(open.number);
    expect(kept).toContainEqual({
      kind: "issue",
      number: plain.number,
      isReached: false,
      microUsd: 0,
    });
  });
});

async function issueEnded(durable: BotContext, number: number): Promise<void> {
  const payload = await payloadOf(github, "wes", { action: "closed", issue: number });
  const event = parsePayload("issues", payload, null);
  if (event.kind !== "issue") {
    throw new Error("it is an issue's event");
  }
  await handleIssue({ ...durable, event }, place, event);
}
