import { expect, test } from "vitest";

import { createCallLedger } from "../../src/core/index.ts";
import type { CallLedgerDeps } from "../../src/core/index.ts";
import { priceRow } from "../../src/core/costs/index.ts";
import type { BudgetScope } from "../../src/core/costs/index.ts";
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

function aLedger(stand: CoordinationStand, odd: Partial<CallLedgerDeps> = {}): CallLedger {
  return createCallLedger({
    store: stand.store,
    costs: stand.costs,
    priceOf: () => price,
    purpose: { session: null, plan: null, task: null, pr: 7, issue: null },
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

const used = { inputTokens: 500, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 };

eachStore("calls", (open) => {
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

    expect(refused).toMatchObject({ kind: "refused", message: expect.stringContaining("run:R1") });
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
    const day = new Date(await stand.store.read((reader) => Promise.resolve(reader.nowMs)))
      .toISOString()
      .slice(0, 10);
    await stand.store.write(async (tx) =>
      stand.costs.record(tx, {
        session: null,
        plan: null,
        task: null,
        fence: null,
        attempt: null,
        usage: { ...used, model: null, microUsd: 19_000 },
        actor: "person:eve",
      }),
    );

    const refused = await aLedger(stand).reserve(call);

    expect(refused).toMatchObject({
      kind: "refused",
      message: expect.stringContaining(`day:${day}`),
    });
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
