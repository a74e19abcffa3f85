import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";

import { belongingOf } from "../../../src/core/decomposition/index.ts";
import { noPulls, withPull } from "../../../src/core/decomposition/money.ts";
import type { PullSpends } from "../../../src/core/decomposition/money.ts";
import { withoutMarkers } from "../../../src/core/hosting/index.ts";
import { createDecompositionStand } from "../../support/decomposition-stand.ts";
import type { DecompositionStand } from "../../support/decomposition-stand.ts";

const limitOf = { issueLimit: 2_000_000 };

describe("the money of an issue", () => {
  test("is told in its comment with what is left and what each outcome cost", async () => {
    const stand = await createDecompositionStand(limitOf);
    await stand.create();
    const [first = 0] = stand.children().values();
    stand.hub.close(first, stand.ann);

    const pull = { number: 70, microUsd: 300_000, end: "open" } as const;
    await stand.decomposition.sync({ issue: stand.number, pull });
    await stand.decomposition.sync({
      issue: stand.number,
      pull: { number: 71, microUsd: 100_000, end: "merged" },
    });
    const told = stand.hub.comments(stand.number)[0]?.body ?? "";

    expect(told).toContain(
      "Spent 0.40 USD, 0.00 USD of it on planning, 0.40 USD on reviews. 1.60 USD of 2.00 USD are left.",
    );
    expect(told).toContain(
      "That is 0.40 USD for each of 1 task done, 0.40 USD for each of 1 merged pull request.",
    );
    expect(await stand.decomposition.spent(stand.number, null)).toBe(400_000);
    expect(await stand.decomposition.spent(stand.number, 70)).toBe(100_000);
  });

  test("does not change when the same is told again, and never shrinks", async () => {
    const stand = await createDecompositionStand(limitOf);
    await stand.create();
    const pull = { number: 70, microUsd: 300_000, end: "open" } as const;
    await stand.decomposition.sync({ issue: stand.number, pull });

    const again = await stand.decomposition.sync({ issue: stand.number, pull });
    await stand.decomposition.sync({ issue: stand.number, pull: { ...pull, microUsd: 1 } });

    expect(again).toMatchObject({ kind: "synced", acts: [] });
    expect(await stand.decomposition.spent(stand.number, null)).toBe(300_000);
  });

  test("is kept over a new plan of the same issue", async () => {
    const stand = await createDecompositionStand(limitOf);
    await stand.create();
    const pull = { number: 70, microUsd: 300_000, end: "open" } as const;
    await stand.decomposition.sync({ issue: stand.number, pull });

    expect(await stand.propose()).toMatchObject({ kind: "already" });
    expect(await stand.decomposition.spent(stand.number, null)).toBe(300_000);
  });

  test.each([
    ["waits for its approval", true],
    ["is best done as one piece", false],
  ])("is kept where the issue %s, beside what its comment shows", async (_how, isSplit) => {
    const stand = await createDecompositionStand({ ...limitOf, hasDatabase: false });
    await proposeAs(stand, isSplit);
    const { decomposition, hub, number: issue } = stand;
    const before = shownOf(stand);
    const pull = { number: 70, microUsd: 300_000, end: "open" } as const;

    await decomposition.sync({ issue, pull, isDryRun: true });
    expect(await decomposition.spent(issue, null)).toBe(0);
    await decomposition.sync({ issue, pull });
    hub.calls.length = 0;
    await decomposition.sync({ issue, pull });

    expect(hub.calls).not.toContain("editComment");
    expect(await decomposition.spent(issue, null)).toBe(300_000);
    expect(await decomposition.spent(issue, 70)).toBe(0);
    expect(shownOf(stand)).toBe(before);
    await decomposition.approve({ issue, hash: stand.shownHash(), by: stand.ann });
    expect(await decomposition.spent(issue, null)).toBe(300_000);
  });

  test("is what the ledger has of it where that is more, but for the reviews of a pull request", async () => {
    const stand = await createDecompositionStand(limitOf);
    await stand.create();
    const { decomposition, number: issue, plan, skein } = stand;
    const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    await skein.store.write(async (tx) =>
      skein.costs.record(tx, {
        session: null,
        plan,
        task: "elsewhere",
        fence: 1,
        attempt: 1,
        actor: "system",
        usage: { ...none, model: null, microUsd: 700_000 },
      }),
    );
    await decomposition.sync({ issue, pull: { number: 70, microUsd: 300_000, end: "open" } });

    expect(await decomposition.spent(issue, null)).toBe(700_000);
    expect(await decomposition.spent(issue, 70)).toBe(0);
    expect(shownOf(stand)).toContain("Spent 0.70 USD");
  });

  test("calls a merged pull request merged, whatever is told of it late", () => {
    const told = { number: 70, microUsd: 10, end: "open" } as const;
    const merged = withPull(withPull(noPulls, told), { ...told, end: "merged" });

    expect(withPull(merged, { ...told, microUsd: 20 }).pulls).toEqual([
      { number: 70, microUsd: 20, end: "merged" },
    ]);
    const closed = withPull(noPulls, { ...told, end: "closed" });
    expect(withPull(closed, told).pulls).toEqual([told]);
  });

  test("adds up what is too old to be kept one by one, and forgets none of it", () => {
    let spends: PullSpends = noPulls;
    for (let number = 1; number <= 100; number += 1) {
      const end = number % 2 === 0 ? "merged" : "closed";
      spends = withPull(spends, { number, microUsd: 10, end });
    }

    const kept = spends.pulls.reduce((sum, { microUsd }) => sum + microUsd, 0);
    expect(spends.pulls).toHaveLength(40);
    expect(kept + spends.olderMicroUsd).toBe(1_000);
    expect(spends.olderMerged).toBe(30);
  });
});

describe("belongingOf", () => {
  test("finds the parent of a child that a pull request closes, with the task", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const [[key = "", child = 0] = []] = stand.children();
    const body = `Rounds.\n\nCloses #${String(child)}, fixes #999.`;

    expect(
      await belongingOf({ host: stand.hub.host, sign: null }, { body, isFork: false }),
    ).toEqual({
      issue: stand.number,
      tasks: [`${stand.plan}/${key}`],
    });
  });

  test("finds an issue that was never split, and the tasks that a text names", async () => {
    const stand = await createDecompositionStand();
    const { host } = stand.hub;
    const number = String(stand.number);

    expect(
      await belongingOf({ host, sign: null }, { body: `Fix #${number}`, isFork: false }),
    ).toEqual({
      issue: stand.number,
      tasks: [],
    });
    expect(
      await belongingOf({ host, sign: null }, { body: "Skein-Task: gh-5/T2", isFork: false }),
    ).toEqual({
      issue: 5,
      tasks: ["gh-5/T2"],
    });
  });

  test("takes the first issue that a text names, and looks at three of those that it closes", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const [child = 0] = stand.children().values();
    const { host } = stand.hub;
    const belonging = async (body: string) =>
      belongingOf({ host, sign: null }, { body, isFork: false });

    expect(await belonging(`Closes #${String(child)}\n\nSkein-Task: gh-5/T2`)).toEqual({
      issue: 5,
      tasks: ["gh-5/T2"],
    });
    const missing = ["Closes #901, closes #902", "Closes #901, closes #902, closes #903"];
    const found = missing.map(async (text) => belonging(`${text}, closes #${String(child)}`));
    expect(await Promise.all(found)).toMatchObject([{ issue: stand.number }, null]);
  });

  test("with a key believes a child's line only under its signature", async () => {
    const stand = await createDecompositionStand({ sign });
    await stand.create();
    const [[key = "", child = 0] = []] = stand.children();
    const { host, bot } = stand.hub;
    const { body: copied } = stand.hub.issue(child);
    const lines = [copied.replace(` ${key} `, " T9 "), copied.replace(/gh-\d+/u, "gh-999")];
    const forged = lines.map((text) => stand.hub.open(bot, { title: "Mine", body: text }).number);
    const issueOf = async (number: number): Promise<number | undefined> => {
      const body = `Closes #${String(number)}`;
      return (await belongingOf({ host, sign }, { body, isFork: false }))?.issue;
    };

    expect(await issueOf(child)).toBe(stand.number);
    expect(await Promise.all(forged.map(issueOf))).toEqual(forged);
  });

  test("counts for the child itself where the parent's plan is older than the key", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const [child = 0] = stand.children().values();
    const pull = { body: `Closes #${String(child)}`, isFork: false };

    expect(await belongingOf({ host: stand.hub.host, sign }, pull)).toEqual({
      issue: child,
      tasks: [],
    });
  });

  test("believes no hidden line that somebody else wrote, and no word of a fork", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const [child = 0] = stand.children().values();
    const { body: copied } = stand.hub.issue(child);
    const fake = stand.hub.open(stand.mallory, { title: "Mine", body: copied });
    const { host } = stand.hub;

    const body = `Closes #${String(fake.number)}`;
    expect(await belongingOf({ host, sign: null }, { body, isFork: false })).toEqual({
      issue: fake.number,
      tasks: [],
    });
    const real = `Closes #${String(child)}`;
    expect(await belongingOf({ host, sign: null }, { body: real, isFork: true })).toBeNull();
    expect(
      await belongingOf({ host, sign: null }, { body: "It discloses #1.", isFork: false }),
    ).toBeNull();
  });
});

function shownOf({ hub, number }: DecompositionStand): string {
  return withoutMarkers(hub.comments(number)[0]?.body ?? "");
}

/** Proposes the plan of the issue's checklist, or says that it is not to be split. */
async function proposeAs(stand: DecompositionStand, isSplit: boolean): Promise<void> {
  const { decomposition, number: issue, planner } = stand;
  const { signal } = new AbortController();
  await decomposition.propose({
    issue,
    draft: async (source, id) => {
      const draft = await planner.draft({ source, id, actor: "system", signal });
      return { ...draft, plan: { ...draft.plan, isSplit } };
    },
  });
}

function sign(text: string): string {
  return createHmac("sha256", "key").update(text).digest("base64url");
}
