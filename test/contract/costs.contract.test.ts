import { expect, test } from "vitest";

import type { TotalsBy, Usage } from "../../src/core/costs/index.ts";
import { joined, openNouns } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";

const claim = { plan: "demo", task: "T1", fence: 4 };

function costing(microUsd: number, odd: Partial<Usage> = {}): Usage {
  return {
    model: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    microUsd,
    ...odd,
  };
}

/** The ledger with a session and a hard budget of 1,000 for the plan. */
async function aLedger(nouns: Nouns): Promise<{
  budget(scope: Parameters<Nouns["costs"]["budget"]>[1]): Promise<string>;
  reserve(microUsd: number, odd?: Partial<typeof claim>): Promise<string>;
  spend(microUsd: number, odd?: Partial<typeof claim & { attempt: number }>): Promise<void>;
  settle(isFailed: boolean, odd?: Partial<typeof claim>): Promise<void>;
  limit(
    limitMicroUsd: number | null,
    odd?: { scope?: "project" | "task:demo/T1"; isHard?: boolean },
  ): Promise<void>;
}> {
  const { store, costs } = nouns;
  const session = (await joined(nouns)).id;
  const limit = async (
    limitMicroUsd: number | null,
    {
      scope = "plan:demo",
      isHard = true,
    }: { scope?: "project" | "plan:demo" | "task:demo/T1"; isHard?: boolean } = {},
  ): Promise<void> =>
    store.write(async (tx) =>
      costs.setBudget(tx, { scope, limitMicroUsd, isHard, actor: "person:eve" }),
    );
  await limit(1_000);
  return {
    limit,
    budget: async (scope) => {
      const budget = await store.read(async (reader) => costs.budget(reader, scope));
      return budget === null
        ? "none"
        : `${String(budget.reservedMicroUsd)}+${String(budget.spentMicroUsd)}`;
    },
    reserve: async (microUsd, odd = {}) =>
      store.write(async (tx) => {
        const outcome = await costs.reserve(tx, { ...claim, ...odd, session, microUsd });
        return outcome.kind === "exceeded" ? `exceeded ${outcome.budget.scope}` : outcome.kind;
      }),
    spend: async (microUsd, odd = {}) => {
      await store.write(async (tx) =>
        costs.record(tx, {
          ...claim,
          attempt: 1,
          ...odd,
          session,
          usage: costing(microUsd, { model: "ollama/x", inputTokens: 10 }),
          actor: "system",
        }),
      );
    },
    settle: async (isFailed, odd = {}) =>
      store.write(async (tx) => costs.settle(tx, { ...claim, ...odd, isFailed, actor: "system" })),
  };
}

eachStore("costs", (open) => {
  test("sets money aside, takes what is spent from it and lets go of the rest", async () => {
    const ledger = await aLedger(await openNouns(open));

    const states = [await ledger.reserve(600), await ledger.budget("plan:demo")];
    await ledger.spend(250);
    states.push(await ledger.budget("plan:demo"));
    await ledger.settle(false);
    states.push(await ledger.budget("plan:demo"));

    expect(states).toEqual(["reserved", "600+0", "350+250", "0+250"]);
  });

  test("refuses a claim to the micro-dollar, and leaves every budget as it was", async () => {
    const ledger = await aLedger(await openNouns(open));
    await ledger.limit(2_000, { scope: "project" });
    await ledger.reserve(400);

    expect(await ledger.reserve(601, { task: "T2", fence: 5 })).toBe("exceeded plan:demo");
    expect(await ledger.budget("project")).toBe("400+0");
    expect(await ledger.reserve(600, { task: "T2", fence: 5 })).toBe("reserved");
    expect(await ledger.budget("project")).toBe("1000+0");
  });

  test("records an overrun and grants nothing further", async () => {
    const ledger = await aLedger(await openNouns(open));
    await ledger.reserve(500);
    await ledger.spend(1_700);
    await ledger.settle(false);

    expect(await ledger.budget("plan:demo")).toBe("0+1700");
    expect(await ledger.reserve(0, { fence: 5 })).toBe("exceeded plan:demo");
    await ledger.limit(2_000);
    expect(await ledger.reserve(300, { fence: 5 })).toBe("reserved");
  });

  test("warns of a soft budget and does not refuse", async () => {
    const nouns = await openNouns(open);
    const ledger = await aLedger(nouns);
    await ledger.limit(1_000, { isHard: false });
    const session = (await joined(nouns)).id;

    const outcome = await nouns.store.write(async (tx) =>
      nouns.costs.reserve(tx, { ...claim, session, microUsd: 5_000_000 }),
    );

    expect(outcome).toMatchObject({
      kind: "reserved",
      warnings: [expect.stringContaining("plan:demo")],
    });
  });

  test("writes nothing for a task that no budget covers", async () => {
    const nouns = await openNouns(open);
    const session = (await joined(nouns)).id;

    const outcome = await nouns.store.write(async (tx) =>
      nouns.costs.reserve(tx, { ...claim, session, microUsd: 100 }),
    );
    const rows = await nouns.store.read(async (reader) =>
      reader.all("SELECT number FROM reservations WHERE project = ?", [reader.project]),
    );

    expect(outcome).toEqual({ kind: "reserved", reservation: null, warnings: [] });
    expect(rows).toEqual([]);
  });

  test("counts what was spent before a budget was set", async () => {
    const ledger = await aLedger(await openNouns(open));
    await ledger.spend(300);
    await ledger.spend(50, { task: "T2" });

    await ledger.limit(900, { scope: "task:demo/T1" });
    await ledger.limit(900, { scope: "project" });

    expect(await ledger.budget("task:demo/T1")).toBe("0+300");
    expect(await ledger.budget("project")).toBe("0+350");
  });

  test("keeps its sums right when a limit is taken away and set again in the middle", async () => {
    const ledger = await aLedger(await openNouns(open));
    await ledger.reserve(500);
    await ledger.limit(null);
    const without = await ledger.budget("plan:demo");
    await ledger.spend(100);
    await ledger.limit(1_000);

    expect(without).toBe("none");
    expect(await ledger.budget("plan:demo")).toBe("400+100");
    await ledger.settle(false);
    expect(await ledger.budget("plan:demo")).toBe("0+100");
  });

  test("adds up by session, plan, task and model, with retries and failures apart", async () => {
    const nouns = await openNouns(open);
    const ledger = await aLedger(nouns);
    await ledger.spend(100);
    await ledger.settle(true);
    await ledger.spend(40, { fence: 5, attempt: 2 });
    await ledger.settle(false, { fence: 5 });
    await ledger.spend(7, { task: "T2", fence: 6 });
    await ledger.spend(2, { plan: "shop", fence: 7 });
    const nobodys = { session: null, plan: null, task: null, fence: null, attempt: null };
    await nouns.store.write(async (tx) =>
      nouns.costs.record(tx, { ...nobodys, usage: costing(1), actor: "system" }),
    );

    const { store, costs } = nouns;
    const by = async (what: TotalsBy) => store.read(async (reader) => costs.totals(reader, what));
    const sumsBy = async (what: TotalsBy) =>
      (await by(what)).map(({ name, microUsd }) => [name, microUsd]);

    expect(await by("task")).toMatchObject([
      { name: "demo/T1", microUsd: 140, retryMicroUsd: 40, failedMicroUsd: 100, spends: 2 },
      { name: "demo/T2", microUsd: 7, retryMicroUsd: 0, failedMicroUsd: 0, spends: 1 },
      { name: "shop/T1", microUsd: 2, retryMicroUsd: 0, failedMicroUsd: 0, spends: 1 },
      { name: "", microUsd: 1 },
    ]);
    expect(await sumsBy("session")).toEqual([
      ["s1", 149],
      ["", 1],
    ]);
    expect(await sumsBy("plan")).toEqual([
      ["demo", 147],
      ["shop", 2],
      ["", 1],
    ]);
    expect((await by("model"))[0]).toMatchObject({ name: "ollama/x", inputTokens: 40 });
    expect(await store.read(async (reader) => costs.total(reader))).toMatchObject({
      microUsd: 150,
      spends: 5,
    });
  });

  test("puts each spend into the log, and the failure of its attempt", async () => {
    const nouns = await openNouns(open);
    const ledger = await aLedger(nouns);
    await ledger.spend(100);
    await ledger.settle(true);
    await ledger.settle(true);

    const log = await nouns.store.read(async (reader) => nouns.events.after(reader, 0, 10));
    const spends = await nouns.store.read(async (reader) => nouns.costs.spends(reader));

    expect(log.map(({ kind }) => kind)).toEqual([
      "session.joined",
      "budget.set",
      "spend.recorded",
      "spend.failed",
    ]);
    expect(spends).toMatchObject([{ id: "C1", isFailed: true, microUsd: 100 }]);
  });

  test.each([
    ["a negative cost", costing(-1)],
    ["a fraction of a token", costing(0, { inputTokens: 0.5 })],
    ["no number", costing(0, { outputTokens: Number.NaN })],
    ["more than anybody has", costing(1_000_000_000_001)],
  ])("refuses to count %s", async (_, usage) => {
    const { store, costs } = await openNouns(open);

    await expect(
      store.write(async (tx) =>
        costs.record(tx, { ...claim, session: null, attempt: 1, usage, actor: "system" }),
      ),
    ).rejects.toMatchObject({ code: "SKN-1701" });
    expect(await store.read(async (reader) => costs.spends(reader))).toEqual([]);
  });
});
