import { expect, test } from "vitest";

import { importUsage, migrations } from "../../src/core/index.ts";
import type { MeasuredUse, Transcript } from "../../src/core/costs/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

/** 1,000 tokens out of a model at 25 USD a million. */
const answerCost = 25_000;

function aUse(id: string, odd: Partial<MeasuredUse> = {}): MeasuredUse {
  return {
    id: `claude:${id}`,
    model: "claude-opus-5",
    atMs: null,
    inputTokens: 0,
    outputTokens: 1_000,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    ...odd,
  };
}

function aRecord(uses: readonly MeasuredUse[], session: string | null = "ada"): Transcript {
  return { host: "claude", session, cwd: "/repo", uses, faults: 0 };
}

const ada = aCaller("ada", { externalId: "claude:ada" });

interface Working {
  readonly stand: CoordinationStand;
  readonly fence: number;
}

/** Ada holds the task T1 of a plan with a budget. */
async function aClaim(open: OpenTestStore): Promise<Working> {
  const stand = await createStand(open);
  await stand.store.write(async (tx) => {
    await stand.plans.importPlan(tx, aPlan([aTask("T1")]), {
      actor: "person:eve",
    });
    await stand.costs.setBudget(tx, {
      scope: "plan:demo",
      limitMicroUsd: 5_000_000,
      isHard: true,
      actor: "person:eve",
    });
  });
  const { claim } = await stand.dispatch.nextTask(next(ada));
  return { stand, fence: claim?.task.fence ?? 0 };
}

async function imported(stand: CoordinationStand, transcript: Transcript) {
  return importUsage(stand, { transcript, session: null, actor: "person:eve" });
}

async function sumsOf({ store, costs }: CoordinationStand): Promise<string> {
  const budget = await store.read((reader) => costs.budget(reader, "plan:demo"));
  return `${String(budget?.reservedMicroUsd)}+${String(budget?.spentMicroUsd)}`;
}

async function spendsOf({ store, costs }: CoordinationStand) {
  return store.read((reader) => costs.spends(reader));
}

eachStore("measured usage", (open) => {
  test("counts each answer once, however often its record is read", async () => {
    const stand = await createStand(open);
    const record = aRecord([aUse("m1"), aUse("m2")]);

    const first = await imported(stand, record);
    const second = await imported(stand, aRecord([...record.uses, aUse("m3")]));
    const third = await imported(stand, aRecord([...record.uses, aUse("m3")]));

    expect([first.uses, second.uses, third.uses]).toEqual([2, 1, 0]);
    expect((await spendsOf(stand)).map(({ microUsd }) => microUsd)).toEqual([50_000, 25_000]);
  });

  test("counts under the claim that the session held then, and draws on its reservation", async () => {
    const { stand } = await aClaim(open);
    const before = await sumsOf(stand);

    await imported(stand, aRecord([aUse("m1")]));
    const [spend] = await spendsOf(stand);
    const task = await stand.store.read((reader) =>
      stand.plans.get(reader, { plan: "demo", id: "T1" }),
    );

    const reserved = Number(before.split("+")[0]);
    expect(await sumsOf(stand)).toBe(`${String(reserved - answerCost)}+${String(answerCost)}`);
    expect(spend).toMatchObject({ plan: "demo", task: "T1", attempt: 1, isGuess: false });
    expect(task.spentMicroUsd).toBe(answerCost);
  });

  test("counts under no task what was used before the claim", async () => {
    const { stand } = await aClaim(open);

    await imported(stand, aRecord([aUse("m1", { atMs: 1_000 })]));

    expect(await spendsOf(stand)).toMatchObject([{ task: null, atMs: 1_000 }]);
  });

  test("charges what a session reported by itself once, and the rest when the record says more", async () => {
    const { stand, fence } = await aClaim(open);
    const usage = { ...noUsage, model: "claude-opus-5", microUsd: 30_000 };
    await stand.dispatch.finishTask(finish(ada, { task: "demo/T1", fence }, { usage: [usage] }));

    const first = await imported(stand, aRecord([aUse("m1")]));
    const second = await imported(stand, aRecord([aUse("m1"), aUse("m2")]));

    expect(first).toMatchObject({ uses: 1, spends: [], absorbedMicroUsd: 25_000 });
    expect(second).toMatchObject({ uses: 1, absorbedMicroUsd: 5_000 });
    const total = await stand.store.read((reader) => stand.costs.total(reader));
    expect(total.microUsd).toBe(50_000);
  });

  test("finds what a session reported once only, whatever models and days its record has", async () => {
    const { stand, fence } = await aClaim(open);
    const usage = { ...noUsage, model: "claude-opus-5", microUsd: 30_000 };
    await stand.dispatch.finishTask(finish(ada, { task: "demo/T1", fence }, { usage: [usage] }));
    const dayMs = 86_400_000;
    const uses = [
      aUse("m1", { atMs: dayMs - 1 }),
      aUse("m2", { atMs: dayMs }),
      aUse("m3", { atMs: dayMs + 1 }),
    ];

    const told = await imported(stand, aRecord(uses));

    expect(told).toMatchObject({ uses: 3, absorbedMicroUsd: 30_000 });
    expect(told.spends.map(({ atMs, microUsd }) => [atMs, microUsd])).toEqual([
      [dayMs + 1, 3 * answerCost - 30_000],
    ]);
    await imported(stand, aRecord([aUse("m4", { atMs: 1 }), aUse("m5", { atMs: dayMs })]));
    const days = await stand.store.read((reader) => stand.costs.totals(reader, "day"));
    expect(days.slice(0, 2).map(({ name, microUsd }) => [name, microUsd])).toEqual([
      ["1970-01-01", answerCost],
      ["1970-01-02", 3 * answerCost - 30_000 + answerCost],
    ]);
  });

  test("marks what a failed attempt used as failed, though it is told afterwards", async () => {
    const { stand, fence } = await aClaim(open);
    const atMs = await stand.store.read((reader) => Promise.resolve(reader.nowMs));
    await stand.dispatch.finishTask(
      finish(ada, { task: "demo/T1", fence }, { outcome: "failed", cause: "validation_failed" }),
    );

    await imported(stand, aRecord([aUse("m1", { atMs })]));

    expect(await spendsOf(stand)).toMatchObject([{ task: "T1", isFailed: true }]);
  });

  test("guesses the price of an unknown model, and counts a record of nobody that is known", async () => {
    const stand = await createStand(open);

    await imported(stand, aRecord([aUse("m1", { model: "nobody-knows" })], "stranger"));

    expect(await spendsOf(stand)).toMatchObject([{ session: null, isGuess: true }]);
  });

  test("takes no time in the future, and leaves the log and the invariants whole", async () => {
    const { stand } = await aClaim(open);
    const nowMs = await stand.store.read((reader) => Promise.resolve(reader.nowMs));

    await imported(stand, aRecord([aUse("m1", { atMs: nowMs + 9e9 })]));
    const [spend] = await spendsOf(stand);
    const upkeep = createUpkeep({
      ...stand,
      migrations,
      policy: { caseInsensitive: false },
      shelf: null,
    });

    expect(spend?.atMs).toBeLessThan(nowMs + 60_000);
    expect((await upkeep.verify()).violations).toEqual([]);
  });

  test("counts once when two readers import at once", async () => {
    const stand = await createStand(open);
    const record = aRecord(Array.from({ length: 20 }, (_none, at) => aUse(`m${String(at)}`)));

    const done = await Promise.all([imported(stand, record), imported(stand, record)]);

    expect(done.map(({ uses }) => uses).toSorted((a, b) => a - b)).toEqual([0, 20]);
    const total = await stand.store.read((reader) => stand.costs.total(reader));
    expect(total.microUsd).toBe(20 * answerCost);
  });
});

const noUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
