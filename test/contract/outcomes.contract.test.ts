import { expect, test } from "vitest";

import type { CallPurpose, OutcomeRequest, PaidOutcome } from "../../src/core/costs/index.ts";
import { priceOfOutcomes } from "../../src/core/costs/index.ts";
import { openNouns } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";

const claim = { plan: "gh-12", task: "T1", fence: 1, session: "s1" } as const;
const nothing = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

async function limit({ store, costs }: Nouns, issue: number, limitMicroUsd: number): Promise<void> {
  const scope = `issue:${String(issue)}` as const;
  await store.write(async (tx) =>
    costs.setBudget(tx, { scope, limitMicroUsd, isHard: true, actor: "system" }),
  );
}

/** An agent reports what it used. */
async function spend(
  { store, costs }: Nouns,
  microUsd: number,
  { plan = "gh-12", task = "T1" }: { readonly plan?: string; readonly task?: string } = {},
): Promise<void> {
  const usage = { ...nothing, model: null, microUsd };
  const request = { ...claim, plan, task, attempt: 1, usage, actor: "system" } as const;
  await store.write(async (tx) => costs.record(tx, request));
}

/** A call of a model that Skein makes itself, of which the whole reservation is charged. */
async function call(
  { store, costs }: Nouns,
  microUsd: number,
  purpose: Partial<CallPurpose>,
): Promise<"exceeded" | "reserved"> {
  const none = { session: null, plan: null, task: null, pr: null, issue: null, author: null };
  return store.write(async (tx) => {
    const reserved = await costs.reserveCall(tx, {
      purpose: { run: "R1", ...none, ...purpose },
      seat: "1",
      phase: "generate",
      attempt: 1,
      model: "m",
      inputTokens: 0,
      outputTokens: 0,
      microUsd,
      drawsOn: null,
      actor: "system",
    });
    if (reserved.kind === "reserved") {
      const charge = { kind: "used", microUsd, ...nothing } as const;
      await costs.settleCall(tx, { id: reserved.id, charge, isFailed: false, actor: "system" });
    }
    return reserved.kind;
  });
}

async function outcomes({ store, costs }: Nouns): Promise<readonly PaidOutcome[]> {
  return store.read(async (reader) => costs.outcomes(reader));
}

async function ended(
  { store, costs }: Nouns,
  outcome: Omit<OutcomeRequest, "actor">,
): Promise<void> {
  await store.write(async (tx) => costs.recordOutcome(tx, { ...outcome, actor: "system" }));
}

eachStore("the budget of an issue", (open) => {
  test("is one over its planner, the agents of its plan, and the reviews of its pull requests", async () => {
    const nouns = await openNouns(open);
    await limit(nouns, 12, 1_000);

    await call(nouns, 200, { issue: 12 });
    await spend(nouns, 300);
    await call(nouns, 100, { issue: 12, pr: 7, author: "41" });
    const { store, costs } = nouns;
    const budget = await store.read(async (reader) => costs.budget(reader, "issue:12"));

    expect(budget).toMatchObject({ spentMicroUsd: 600, reservedMicroUsd: 0 });
    expect(await call(nouns, 401, { issue: 12, pr: 7 })).toBe("exceeded");
    expect(await call(nouns, 401, { plan: "gh-12" })).toBe("exceeded");
    const claimed = await store.write(async (tx) =>
      costs.reserve(tx, { ...claim, fence: 2, microUsd: 401 }),
    );
    expect(claimed).toMatchObject({ kind: "exceeded", budget: { scope: "issue:12" } });
    const fitting = await store.write(async (tx) =>
      costs.reserve(tx, { ...claim, fence: 3, microUsd: 400 }),
    );
    expect(fitting.kind).toBe("reserved");
  });

  test("counts what all three spent before there was a budget, and nothing of another plan", async () => {
    const nouns = await openNouns(open);
    await call(nouns, 200, { issue: 12 });
    await call(nouns, 50, { plan: "gh-12" });
    await spend(nouns, 300);
    await spend(nouns, 900, { plan: "gh-13" });
    await spend(nouns, 900, { plan: "gh-12-b" });

    await limit(nouns, 12, 1_000);
    const { store, costs } = nouns;
    const budget = await store.read(async (reader) => costs.budget(reader, "issue:12"));
    const totals = await store.read(async (reader) => costs.totals(reader, "issue"));

    expect(budget?.spentMicroUsd).toBe(550);
    expect(totals.map(({ name, microUsd }) => [name, microUsd])).toEqual([
      ["13", 900],
      ["", 900],
      ["12", 550],
    ]);
  });

  test("of an author holds the reviews of their pull requests on one day, and nobody else's", async () => {
    const nouns = await openNouns(open);
    const { store, costs } = nouns;
    const nowMs = await store.read(async (reader) => Promise.resolve(reader.nowMs));
    const day = new Date(nowMs).toISOString().slice(0, 10);
    await call(nouns, 100, { pr: 7, author: "41" });
    await store.write(async (tx) =>
      costs.setBudget(tx, {
        scope: `author:41/${day}`,
        limitMicroUsd: 150,
        isHard: true,
        actor: "system",
      }),
    );

    expect(await call(nouns, 51, { pr: 8, author: "41" })).toBe("exceeded");
    expect(await call(nouns, 51, { pr: 9, author: "42" })).toBe("reserved");
    expect(await call(nouns, 50, { pr: 8, author: "41" })).toBe("reserved");
  });
});

eachStore("outcomes", (open) => {
  test("have the price of all that was spent for them, what was given up included", async () => {
    const nouns = await openNouns(open);
    await call(nouns, 200, { issue: 12 });
    await spend(nouns, 300);
    await call(nouns, 100, { issue: 12, pr: 7 });
    await call(nouns, 40, { pr: 8 });
    await ended(nouns, { kind: "issue", number: 12, isReached: true, tasks: [] });
    await ended(nouns, { kind: "pr", number: 7, isReached: true, tasks: ["gh-12/T1"] });
    await ended(nouns, { kind: "pr", number: 8, isReached: false, tasks: [] });

    const paid = await outcomes(nouns);

    expect(priceOfOutcomes(paid, "issue")).toEqual({
      reached: 1,
      givenUp: 0,
      microUsd: 600,
      eachMicroUsd: 600,
    });
    expect(priceOfOutcomes(paid, "pr")).toEqual({
      reached: 1,
      givenUp: 1,
      microUsd: 440,
      eachMicroUsd: 440,
    });
  });

  test("have the price of every attempt at a child that was opened again, and of no other task", async () => {
    const nouns = await openNouns(open);
    await spend(nouns, 300);
    await spend(nouns, 20, { task: "T1.r2" });
    await spend(nouns, 4, { task: "T1.r13" });
    await spend(nouns, 1_000, { task: "T1.rest" });
    await spend(nouns, 2_000, { task: "T10" });
    await spend(nouns, 4_000, { plan: "gh-13", task: "T1.r2" });
    await spend(nouns, 7, { plan: "prices", task: "T1" });
    await spend(nouns, 8_000, { plan: "prices", task: "T1.r2" });
    const pull = { kind: "pr", isReached: true } as const;
    await ended(nouns, { ...pull, number: 7, tasks: ["gh-12/T1"] });
    await ended(nouns, { ...pull, number: 8, tasks: ["gh-12/T1.r2", "gh-12/T1"] });
    await ended(nouns, { ...pull, number: 9, tasks: ["prices/T1"] });

    const paid = await outcomes(nouns);

    const prices = new Map(paid.map(({ number, microUsd }) => [number, microUsd]));
    expect([7, 8, 9].map((number) => prices.get(number))).toEqual([324, 324, 7]);
  });

  test("are told once, and taken back when the issue is opened again", async () => {
    const nouns = await openNouns(open);
    const issue = { kind: "issue", number: 3, tasks: [] } as const;
    await ended(nouns, { ...issue, isReached: null });
    await ended(nouns, { ...issue, isReached: true });
    await ended(nouns, { ...issue, isReached: true });
    await ended(nouns, { ...issue, isReached: null });

    expect(await outcomes(nouns)).toEqual([]);
    const log = await nouns.store.read(async (reader) => nouns.events.after(reader, 0, 10));
    const told = log.filter(({ kind }) => kind === "outcome.recorded");
    expect(told.map(({ data }) => data["is_reached"])).toEqual([true, null]);
  });
});
