import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { openEphemeralProject, openEphemeralSkein } from "../src/compose-action-store.ts";
import { createCallLedger } from "../src/core/index.ts";
import type { Skein } from "../src/core/index.ts";
import { priceRow } from "../src/core/costs/index.ts";
import { parsePlanYaml } from "../src/core/plans/index.ts";
import { loadSettings } from "../src/settings.ts";
import { aRepository, removeRepositories, testEnv } from "./adapters/git/repositories.ts";
import { callerNamed } from "./support/coordinated-repository.ts";

afterAll(removeRepositories);

const { settings } = await loadSettings({ root: "/", env: {}, text: null });

async function open(): Promise<Skein> {
  return openEphemeralSkein({ cwd: "/nowhere", env: {}, settings });
}

async function claim(skein: Skein, externalId: string): Promise<boolean> {
  const outcome = await skein.dispatch.claimFiles({
    caller: callerNamed(externalId),
    paths: ["src/a.ts"],
    mode: "exclusive",
    durationMs: null,
    reason: "rework the prices",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  });
  return outcome.granted;
}

const plan = `plan: checkout
title: Checkout
tasks:
  - id: T1
    title: Prices
    files: [src/prices/**]
  - id: T2
    title: Cart
    files: [src/cart/**]
    depends_on: [T1]
`;

describe("openEphemeralSkein", () => {
  test("gives a path to one session at a time, as a store in a file does", async () => {
    const skein = await open();

    expect([await claim(skein, "one"), await claim(skein, "two")]).toEqual([true, false]);
    await skein.close();
  });

  test("hands the tasks of a plan out in their order", async () => {
    const skein = await open();
    await skein.dispatch.importPlan(parsePlanYaml(plan), { actor: "person:ada", cause: null });
    const next = async (name: string): Promise<string | undefined> => {
      const { claim: got } = await skein.dispatch.nextTask({
        caller: callerNamed(name),
        plan: null,
        task: null,
        waitMs: 0,
        key: null,
        signal: null,
      });
      return got?.task.title;
    };

    expect([await next("one"), await next("two")]).toEqual(["Prices", undefined]);
    await skein.close();
  });

  test("keeps reviews, and counts calls against the limit of a run", async () => {
    const { store, costs, reviews, ...skein } = await open();
    const id = await store.write(async (tx) =>
      reviews.begin(tx, { actor: "system", subject: "pull:4", preset: "quick" }),
    );
    const ledger = createCallLedger({
      store,
      costs,
      priceOf: () => priceRow("m", { input: 1, output: 10, cacheRead: 0, cacheWrite: 0 }),
      purpose: { session: null, plan: null, task: null, pr: 4, issue: null, author: null },
      limits: { run: 3_000 },
      actor: "system",
    });
    const call = {
      tag: { run: id, seat: "1", phase: "generate", occurrence: 1 },
      model: {
        name: "m",
        provider: "p",
        id: "m",
        family: "f",
        size: "large",
        weight: 1_000,
        takes: {
          temperature: true,
          reasoning: null,
          tokenParameter: "max_tokens",
          thinkingTokens: 0,
          headers: {},
        },
      },
      attempt: 1,
      inputTokens: 1_000,
      outputTokens: 100,
    } as const;

    const first = await ledger.reserve(call);
    const second = await ledger.reserve({ ...call, tag: { ...call.tag, seat: "2" } });

    expect([first.kind, second.kind]).toEqual(["granted", "refused"]);
    expect(await store.read(async (reader) => reviews.get(reader, id))).toMatchObject({ id });
    await skein.close();
  });

  test("shares nothing with another in the same process", async () => {
    const [one, other] = [await open(), await open()];

    expect([await claim(one, "a"), await claim(other, "b")]).toEqual([true, true]);
    await one.close();
    await other.close();
  });
});

describe("openEphemeralProject", () => {
  test("leaves no file in the checkout that it works on", async () => {
    const { root } = aRepository({ "src/a.ts": "1\n" });
    const before = readdirSync(join(root, ".git"));

    const { skein, repository } = await openEphemeralProject({ cwd: root, env: testEnv, settings });
    await claim(skein, "one");
    await skein.close();

    expect(repository.root).toBe(root);
    expect(readdirSync(join(root, ".git"))).toEqual(before);
    expect(readdirSync(root).toSorted()).toEqual([".git", "src"]);
  });

  test("says so outside of a repository", async () => {
    await expect(openEphemeralProject({ cwd: "/", env: testEnv, settings })).rejects.toMatchObject({
      code: "SKN-5951",
    });
  });
});
