import { expect } from "vitest";

import { priceRow } from "../../src/core/costs/index.ts";
import type { Budget } from "../../src/core/costs/index.ts";
import { createCallLedger, migrations } from "../../src/core/index.ts";
import type { RunLedger } from "../../src/core/index.ts";
import type { CallOutcome, CallSettlement, PlannedCall } from "../../src/core/models/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { aModel } from "../support/models.ts";
import { createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { proofRun } from "../support/proof.ts";
import type { ProofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

/**
 * Each agent makes this many calls; each is set aside for and, unless its agent dies, settled: two operations. One agent in four sets money for all of
 * them aside first.
 */
const callsEach = 8;
const price = priceRow("m", { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1.25 });

/** About half of what the calls of so many agents would cost, so that every kind of budget has something to refuse. */
function limitsFor(agents: number): Parameters<typeof createCallLedger>[0]["limits"] {
  const half = agents * callsEach * 1_000;
  return {
    run: Math.floor(half / 6),
    pullRequest: Math.floor(half * 0.9),
    issue: Math.floor(half * 0.92),
    day: Math.floor(half * 0.95),
    month: half,
  };
}

/** More writers than this do not wait in one process. */
const atOnce = 90;

/** Whole numbers below a bound, the same for the same seed. */
type Roll = (below: number) => number;

function rollOf(from: number): Roll {
  const random = createSeededRandom(from);
  return (below) => {
    const [a = 0, b = 0, c = 0] = random.bytes(3);
    return (a * 65_536 + b * 256 + c) % below;
  };
}

interface Tally {
  granted: number;
  refused: number;
  died: number;
}

interface Team {
  readonly ledger: RunLedger;
  readonly seed: number;
  readonly tally: Tally;
}

async function agent({ ledger, seed, tally }: Team, name: number): Promise<void> {
  const roll = rollOf(seed * 100_000 + name);
  const isWhole = name % 4 === 0;
  const run = isWhole ? `W${String(name)}` : `R${String(name % 7)}`;
  if (isWhole) {
    await ledger.setAside(run, roll(callsEach * 4_000));
  }
  for (let at = 0; at < callsEach; at += 1) {
    const call: PlannedCall = {
      tag: { run, seat: String(name), phase: "generate", occurrence: 1 + (at % 3) },
      model: aModel(),
      attempt: 1 + roll(3),
      inputTokens: roll(3_000),
      outputTokens: roll(300),
    };
    const reservation = await ledger.reserve(call);
    if (reservation.kind === "refused") {
      tally.refused += 1;
      continue;
    }
    tally.granted += 1;
    if (roll(12) === 0) {
      // Killed between the two: nobody settles.
      tally.died += 1;
      return;
    }
    const settlement = settlementOf(call, roll);
    await ledger.settle(reservation.grant, settlement);
    if (roll(5) === 0) {
      await ledger.settle(reservation.grant, settlement);
    }
  }
  await ledger.letGo(run);
}

const outcomes: readonly CallOutcome[] = [
  "answered",
  "answered",
  "answered",
  "refused",
  "unknown",
  "unsent",
];

/** No call uses more than was set aside for it: the model's limits see to that. */
function settlementOf({ inputTokens, outputTokens }: PlannedCall, roll: Roll): CallSettlement {
  const outcome = outcomes[roll(outcomes.length)] ?? "answered";
  const read = roll(inputTokens + 1);
  const usage = {
    inputTokens: inputTokens - read,
    outputTokens: roll(outputTokens + 1),
    cacheReadTokens: read,
    cacheWriteTokens: 0,
  };
  return { outcome, usage: outcome === "answered" && roll(4) > 0 ? usage : null };
}

async function budgetsOf({ store, costs }: CoordinationStand): Promise<readonly Budget[]> {
  return store.read((reader) => costs.budgets(reader));
}

/** The sums of the budgets, counted anew from the ledger. */
async function recounted(
  stand: CoordinationStand,
  budgets: readonly Budget[],
): Promise<readonly number[]> {
  return stand.store.read(async (reader) =>
    Promise.all(budgets.map(async ({ scope }) => stand.costs.spentIn(reader, scope))),
  );
}

async function prove({ count: agents, seed }: ProofRun, open: OpenTestStore): Promise<void> {
  const stand = await createStand(open);
  const tally: Tally = { granted: 0, refused: 0, died: 0 };
  const ledger = createCallLedger({
    store: stand.store,
    costs: stand.costs,
    priceOf: () => price,
    purpose: { session: null, plan: null, task: null, pr: 7, issue: 3, author: "41" },
    limits: limitsFor(agents),
    actor: "system",
  });
  let peak = 0;
  const watch = async (): Promise<void> => {
    for (const budget of await budgetsOf(stand)) {
      peak = Math.max(
        peak,
        (budget.spentMicroUsd + budget.reservedMicroUsd) / budget.limitMicroUsd,
      );
    }
  };

  const waiting = Array.from({ length: agents }, (_none, name) => name);
  const lane = async (): Promise<void> => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      await agent({ ledger, seed, tally }, name);
      await (name % 10 === 0 ? watch() : undefined);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await watch();

  expect(peak).toBeLessThanOrEqual(1);
  expect(Math.min(tally.granted, tally.refused, tally.died)).toBeGreaterThan(agents / 10);

  // Whoever looks after the dead were charged finds nothing set aside, and every sum as the ledger has it.
  stand.time.advance(3_600_000);
  while ((await stand.store.write((tx) => stand.costs.settleAbandonedCalls(tx))) > 0) {
    // A hundred at a time.
  }
  const budgets = await budgetsOf(stand);
  expect(budgets.map(({ reservedMicroUsd }) => reservedMicroUsd)).toEqual(budgets.map(() => 0));
  expect(budgets.map(({ spentMicroUsd }) => spentMicroUsd)).toEqual(
    await recounted(stand, budgets),
  );
  expect(budgets.every((budget) => budget.spentMicroUsd <= budget.limitMicroUsd)).toBe(true);
  const upkeep = createUpkeep({
    ...stand,
    migrations,
    policy: { caseInsensitive: false },
    shelf: null,
  });
  expect((await upkeep.verify()).violations).toEqual([]);
  await stand.store.close();
}

proveOnBothStores({
  sqlite: proofRun("R20", 150, 20),
  postgres: proofRun("R20_POSTGRES", 30, 20),
  title: ({ count, seed }) =>
    `no budget is overspent by ${String(count)} agents at once, some of which die (seed ${String(seed)})`,
  timeoutMs: () => 600_000,
  prove,
});
