import { expect, test } from "vitest";

import type { Query } from "../../src/core/store/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countWaits } from "../support/counted-waits.ts";
import type { CountedStore } from "../support/counted-waits.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

interface Counted extends CoordinationStand {
  readonly waits: () => number;
}

async function standOf(open: OpenTestStore): Promise<Counted> {
  const counted: CountedStore[] = [];
  const stand = await createStand(async (options) => {
    const opened = await open(options);
    const over = countWaits(opened.store);
    counted.push(over);
    return { ...opened, store: over.store };
  });
  const tasks = ["T1", "T2", "T3"].map((id) => aTask(id, { files: [`src/${id}/**`] }));
  const draft = { ...aPlan(tasks), budgetMicroUsd: 100_000_000 };
  await stand.dispatch.importPlan(draft, { actor: "system" });
  return { ...stand, waits: () => counted.reduce((all, { waits }) => all + waits(), 0) };
}

/** What each write was told to ask first, beside what it asked first. */
function notingFirst(
  open: OpenTestStore,
): readonly [open: OpenTestStore, noted: (readonly [told: unknown, asked: unknown])[]] {
  const noted: (readonly [told: unknown, asked: unknown])[] = [];
  const noting: OpenTestStore = async (options) => {
    const opened = await open(options);
    const { store } = opened;
    const write: typeof store.write = async (work, first) =>
      store.write(async (tx) => {
        let asked: Query | null = null;
        const get: typeof tx.get = async (sql, params) => {
          asked ??= { sql, params };
          return tx.get(sql, params);
        };
        const result = await work({ ...tx, nowMs: tx.nowMs, get });
        noted.push([first?.(), asked]);
        return result;
      }, first);
    return { ...opened, store: { ...store, write } };
  };
  return [noting, noted];
}

eachStore("what a call asks first", (open) => {
  test("is what its store was told beforehand", async () => {
    const [noting, noted] = notingFirst(open);
    const stand = await createStand(noting);
    await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "system" });
    const { handle } = await stand.dispatch.identify(aCaller("ada"));
    await stand.dispatch.recover();
    const callers = [{ ...aCaller("ada"), handle }, aCaller("ada"), aCaller("bo")];
    noted.length = 0;

    for (const caller of callers) {
      await stand.dispatch.nextTask(next(caller));
    }

    expect(noted).toHaveLength(3);
    for (const [told, asked] of noted) {
      expect(asked).toHaveProperty("sql");
      expect(told).toEqual([asked]);
    }
  });
});

eachStore("a claim", (open) => {
  test("asks at once for what does not depend on each other", async () => {
    const stand = await standOf(open);
    const standing = await stand.dispatch.identify(aCaller("ada"));
    const caller = { ...aCaller("ada"), handle: standing.handle };
    await stand.dispatch.recover();
    const before = stand.waits();

    const { claim } = await stand.dispatch.nextTask(next(caller));

    expect(claim?.task.id).toBe("T1");
    // The session; the first look and the ready tasks; paths and budgets; money, task and lease; what came of them.
    expect(stand.waits() - before).toBeLessThanOrEqual(5);
  });

  test("sets no money aside for a task that another one takes in its stead", async () => {
    const stand = await standOf(open);
    await stand.store.write((tx) =>
      stand.costs.setBudget(tx, {
        scope: "task:demo/T1",
        limitMicroUsd: 1,
        isHard: true,
        actor: "system",
      }),
    );

    const { claim } = await stand.dispatch.nextTask(next(aCaller("ada")));

    expect(claim?.task.id).toBe("T2");
    const budgets = await stand.store.read((reader) => stand.costs.budgets(reader));
    const setAside = budgets.map(({ scope, reservedMicroUsd }) => [scope, reservedMicroUsd > 0]);
    expect(Object.fromEntries(setAside)).toMatchObject({
      "task:demo/T1": false,
      "plan:demo": true,
    });
  });
});
