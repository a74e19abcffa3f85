import { expect, test } from "vitest";

import { createCallLedger, roomFor } from "../../src/core/index.ts";
import type { CallLedgerDeps, CallLimits, RunLedger } from "../../src/core/index.ts";
import { priceRow } from "../../src/core/costs/index.ts";
import type { BudgetRoom, BudgetScope, TotalsBy } from "../../src/core/costs/index.ts";
import type { CallLedger, PlannedCall } from "../../src/core/models/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { migrations } from "../../src/core/index.ts";
import { createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const price = priceRow("m", { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1 });

const call: PlannedCall = {
  tag: { run: "R1", seat: "1", phase: "generate", occurrence: 1 },
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
};

/** What `call` costs at most: 1,000 tokens in at 1 USD a million, 100 out at 10. */
const worst = 2_000;

const purpose = { session: null, plan: null, task: null, pr: 7, issue: null, author: null };

function aLedger(stand: CoordinationStand, odd: Partial<CallLedgerDeps> = {}): RunLedger {
  return createCallLedger({
    store: stand.store,
    costs: stand.costs,
    priceOf: () => price,
    purpose,
    limits: { run: 5_000, pullRequest: 10_000, day: 20_000 },
    actor: "person:eve",
    ...odd,
  });
}

async function sums(stand: CoordinationStand, scope: BudgetScope): Promise<string> {
  const budget = await stand.store.read(async (reader) => stand.costs.budget(reader, scope));
  return budget === null
    ? "none"
    : `${String(budget.reservedMicroUsd)}+${String(budget.spentMicroUsd)}`;
}

async function grantOf(ledger: CallLedger, planned = call) {
  const reservation = await ledger.reserve(planned);
  if (reservation.kind === "refused") {
    throw new Error(reservation.message);
  }
  return reservation.grant;
}

function runOf(run: string): PlannedCall {
  return { ...call, tag: { ...call.tag, run } };
}

async function violations(stand: CoordinationStand): Promise<unknown> {
  const upkeep = createUpkeep({
    ...stand,
    migrations,
    policy: { caseInsensitive: false },
    shelf: null,
  });
  return (await upkeep.verify()).violations;
}

/** Makes a reservation older, on a database with a clock of its own too. */
async function grow(
  { store }: CoordinationStand,
  { id, ms }: { readonly id: string; readonly ms: number },
): Promise<void> {
  await store.write(async (tx) =>
    tx.run(
      "UPDATE call_reservations SET made_at_ms = made_at_ms - ? WHERE project = ? AND number = ?",
      [ms, tx.project, Number(id.slice(1))],
    ),
  );
}

/** A spend that an agent tells by itself. */
async function report({ store, costs }: CoordinationStand, microUsd: number): Promise<void> {
  await store.write(async (tx) =>
    costs.record(tx, {
      session: null,
      plan: null,
      task: null,
      fence: null,
      attempt: null,
      usage: { ...used, model: null, microUsd },
      actor: "person:eve",
    }),
  );
}

async function dayOf({ store }: CoordinationStand): Promise<`day:${string}`> {
  const nowMs = await store.read((reader) => Promise.resolve(reader.nowMs));
  return `day:${new Date(nowMs).toISOString().slice(0, 10)}`;
}

async function monthOf(stand: CoordinationStand): Promise<`month:${string}`> {
  return `month:${(await dayOf(stand)).slice(4, 11)}`;
}

const used = { inputTokens: 500, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 };

eachStore("calls", (open) => {
  test.each(["cacheRead", "cacheWrite"] as const)(
    "sets aside what a prompt costs at a dearer %s, too",
    async (kind) => {
      const stand = await createStand(open);
      const ledger = aLedger(stand, { priceOf: () => ({ ...price, [kind]: 2_000_000 }) });
      await grantOf(ledger);

      expect(await sums(stand, "run:R1")).toBe("3000+0");
    },
  );

  test("sets the worst case aside in every budget, and charges what was used", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);

    const grant = await grantOf(ledger);
    const before = await sums(stand, "run:R1");
    await ledger.settle(grant, { outcome: "answered", usage: used });

    expect(before).toBe(`${String(worst)}+0`);
    expect(await sums(stand, "run:R1")).toBe("0+700");
    expect(await sums(stand, "pr:7")).toBe("0+700");
    expect(await violations(stand)).toEqual([]);
  });

  test("refuses the call that would pass a limit, and names the budget", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await grantOf(ledger);
    await grantOf(ledger);

    const refused = await ledger.reserve(call);

    expect(refused).toMatchObject({
      kind: "refused",
      message: expect.stringMatching(
        /^The budget of run:R1 has no room .*: 0\.002000 USD are asked for, 0\.001000 of 0\.005000 USD are left\.$/u,
      ),
    });
    expect(await sums(stand, "run:R1")).toBe("4000+0");
    expect(await sums(stand, "pr:7")).toBe("4000+0");
  });

  test("counts a pull request's budget over all its runs", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand, { limits: { run: null, pullRequest: 5_000, day: null } });
    for (const run of ["R1", "R2"]) {
      const grant = await grantOf(ledger, { ...call, tag: { ...call.tag, run } });
      await ledger.settle(grant, { outcome: "unknown", usage: null });
    }

    const refused = await ledger.reserve({ ...call, tag: { ...call.tag, run: "R3" } });

    expect(await sums(stand, "pr:7")).toBe("0+4000");
    expect(refused).toMatchObject({ kind: "refused", message: expect.stringContaining("pr:7") });
  });

  test("refuses a model without a price, with the setting that declares one", async () => {
    const ledger = aLedger(await createStand(open), { priceOf: () => null });

    const refused = await ledger.reserve(call);

    expect(refused).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("models.m.price"),
    });
  });

  test.each([
    ["unsent", null, 0],
    ["refused", null, 0],
    ["refused", used, 700],
    ["unknown", null, worst],
    ["answered", null, worst],
    ["unknown", used, 700],
  ] as const)("a call that ended as %s with usage %o costs %i", async (outcome, usage, cost) => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    const grant = await grantOf(ledger);

    await ledger.settle(grant, { outcome, usage });
    await ledger.settle(grant, { outcome: "unknown", usage: null });

    expect(await sums(stand, "run:R1")).toBe(`0+${String(cost)}`);
    expect(await violations(stand)).toEqual([]);
  });

  test("charges a call that nobody settled at its worst case, once its process must be gone", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand, { limits: { run: null, pullRequest: 50_000, day: null } });
    const forgotten = await grantOf(ledger);
    await grantOf(ledger);
    const early = await sums(stand, "pr:7");
    await grow(stand, { id: forgotten.id, ms: 1_801_000 });

    await grantOf(ledger);

    expect(early).toBe("4000+0");
    expect(await sums(stand, "pr:7")).toBe("4000+2000");
    const [seat] = await stand.store.read(async (reader) => stand.costs.spentBySeat(reader, "R1"));
    expect(seat).toMatchObject({ seat: "1", calls: 1, microUsd: worst, estimated: 1 });
    expect(await violations(stand)).toEqual([]);
  });

  test("warns once for a budget from 80 % on", async () => {
    const warnings: string[] = [];
    const stand = await createStand(open);
    const ledger = aLedger(stand, {
      limits: { run: 7_000, pullRequest: null, day: null },
      onWarning: (sentence) => {
        warnings.push(sentence);
      },
    });
    await grantOf(ledger);
    await grantOf(ledger);
    const early = [...warnings];

    await grantOf(ledger);

    expect(early).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("run:R1")]);
  });

  test("counts what a day has spent before its limit began, agents' usage included", async () => {
    const stand = await createStand(open);
    const day = await dayOf(stand);
    await report(stand, 19_000);

    const refused = await aLedger(stand).reserve(call);

    expect(refused).toMatchObject({
      kind: "refused",
      message: expect.stringContaining(day),
    });
  });

  test("counts what agents report in the day's and the month's budget", async () => {
    const stand = await createStand(open);
    await grantOf(aLedger(stand, { limits: { day: 20_000, month: 30_000 } }));
    await report(stand, 500);

    expect(await sums(stand, await dayOf(stand))).toBe("2000+500");
    expect(await sums(stand, await monthOf(stand))).toBe("2000+500");
  });

  test("tells the room of the tightest budget, before any of them is kept", async () => {
    const stand = await createStand(open);
    await report(stand, 1_500);
    const room = async (limits: CallLimits): Promise<BudgetRoom | null> =>
      stand.store.read(async (reader) =>
        roomFor(reader, { costs: stand.costs, limits, purpose, run: null }),
      );

    expect(await room({})).toBeNull();
    const day = await dayOf(stand);

    expect(await room({ run: 9_000 })).toEqual({ of: "this run", microUsd: 9_000 });
    expect(await room({ run: 9_000, day: 10_000 })).toEqual({ of: day, microUsd: 8_500 });
    expect(await room({ run: 9_000, day: 1_000 })).toEqual({ of: day, microUsd: 0 });
    await grantOf(aLedger(stand, { limits: { day: 10_000 } }));
    expect(await room({ run: 9_000 })).toEqual({ of: day, microUsd: 6_500 });
    expect(await sums(stand, "pr:7")).toBe("none");
  });

  test("adds up by run, pull request and day", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    await ledger.settle(await grantOf(ledger), { outcome: "answered", usage: used });
    await ledger.settle(await grantOf(ledger, { ...call, attempt: 2 }), {
      outcome: "unknown",
      usage: null,
    });
    await report(stand, 19);
    const totals = async (by: TotalsBy) =>
      stand.store.read(async (reader) => stand.costs.totals(reader, by));

    expect(await totals("run")).toMatchObject([
      { name: "R1", microUsd: 2_700, retryMicroUsd: 2_000, guessMicroUsd: 2_000, spends: 2 },
      { name: "", microUsd: 19 },
    ]);
    expect(await totals("pr")).toMatchObject([{ name: "7" }, { name: "" }]);
    expect(await totals("day")).toMatchObject([
      { name: (await dayOf(stand)).slice(4), microUsd: 2_719, spends: 3 },
    ]);
  });

  test("leaves out what was spent before a time", async () => {
    const stand = await createStand(open);
    await report(stand, 19);
    const nowMs = await stand.store.read((reader) => Promise.resolve(reader.nowMs));
    const since = async (sinceMs: number) =>
      stand.store.read(async (reader) => stand.costs.total(reader, { sinceMs }));

    expect(await since(nowMs - 60_000)).toMatchObject({ microUsd: 19, spends: 1 });
    expect(await since(nowMs + 60_000)).toMatchObject({ microUsd: 0, spends: 0 });
  });

  test("counts a call in the day that had room for it, though it ends on the next", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    const grant = await grantOf(ledger);
    await stand.store.write(async (tx) =>
      tx.run("UPDATE call_reservations SET made_at_ms = made_at_ms - ? WHERE project = ?", [
        86_400_000,
        tx.project,
      ]),
    );
    const nowMs = await stand.store.read((reader) => Promise.resolve(reader.nowMs));
    await ledger.settle(grant, { outcome: "unknown", usage: null });

    const totals = await stand.store.read(async (reader) => stand.costs.totals(reader, "day"));

    expect(await sums(stand, await dayOf(stand))).toBe("0+0");
    expect(await sums(stand, "pr:7")).toBe("0+2000");
    expect(totals).toMatchObject([
      { name: new Date(nowMs - 86_400_000).toISOString().slice(0, 10), microUsd: worst },
    ]);
    expect(await violations(stand)).toEqual([]);
  });

  test("forgets the budgets of old runs and days, never those that hold something", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand);
    const held = await grantOf(ledger);
    await ledger.settle(await grantOf(ledger, runOf("R2")), { outcome: "unknown", usage: null });
    await grantOf(ledger, runOf("R3"));
    const nowMs = await stand.store.read((reader) => Promise.resolve(reader.nowMs));

    await stand.store.write(async (tx) => stand.costs.prune(tx, nowMs + 2 * 86_400_000));
    const scopes = await stand.store.read(async (reader) => stand.costs.budgets(reader));
    await ledger.settle(held, { outcome: "unknown", usage: null });
    await stand.store.write(async (tx) => stand.costs.prune(tx, nowMs + 2 * 86_400_000));

    expect(scopes.map(({ scope }) => scope)).toEqual([
      await dayOf(stand),
      "pr:7",
      "run:R1",
      "run:R3",
    ]);
    expect(await sums(stand, "run:R1")).toBe("none");
    expect(await sums(stand, "pr:7")).toBe("2000+4000");
    expect(await violations(stand)).toEqual([]);
  });

  test("never grants more than fits, though many ask at once", async () => {
    const stand = await createStand(open);
    const ledger = aLedger(stand, { limits: { run: 20_000, pullRequest: null, day: 12_345 } });

    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_none, index) =>
        ledger.reserve({ ...call, tag: { ...call.tag, seat: String(index) } }),
      ),
    );

    expect(outcomes.filter(({ kind }) => kind === "granted")).toHaveLength(6);
    expect(await violations(stand)).toEqual([]);
  });
});
