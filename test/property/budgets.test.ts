import fc from "fast-check";
import { expect } from "vitest";

import type { BudgetScope } from "../../src/core/costs/index.ts";
import type { Transaction } from "../../src/core/store/index.ts";
import { checkTally } from "../../src/core/upkeep/tally.ts";
import { nounMigrations, nounsOver } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { proofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";

const amount = fc.integer({ min: 0, max: 60 });
const task = fc.constantFrom("T1", "T2", "T3");
const scope = fc.constantFrom<BudgetScope>("project", "plan:gh-12", "task:gh-12/T1", "issue:12");

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("reserve" as const), task, amount }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("spend" as const), pick: fc.nat(), amount }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("settle" as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("limit" as const),
      scope,
      limit: fc.integer({ min: 0, max: 300 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), task, amount }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Claim {
  readonly plan: string;
  readonly task: string;
  readonly fence: number;
}

/** What the ledger should hold, counted without it. */
interface Model {
  readonly limits: Map<string, number>;
  readonly open: Map<
    number,
    { readonly claim: Claim; left: number; readonly scopes: readonly string[] }
  >;
  readonly spends: { readonly task: string; readonly amount: number }[];
  fence: number;
}

const covers = (budget: string, name: string): boolean =>
  budget === "project" ||
  budget === "plan:gh-12" ||
  budget === "issue:12" ||
  budget === `task:gh-12/${name}`;

function spentIn(model: Model, budget: string): number {
  return model.spends
    .filter((spend) => covers(budget, spend.task))
    .reduce((sum, spend) => sum + spend.amount, 0);
}

function reservedIn(model: Model, budget: string): number {
  return [...model.open.values()]
    .filter(({ scopes }) => scopes.includes(budget))
    .reduce((sum, { left }) => sum + left, 0);
}

function pickOpen(model: Model, pick: number): number | null {
  const fences = [...model.open.keys()];
  return fences[pick % Math.max(1, fences.length)] ?? null;
}

async function reserveIn(
  { costs }: Nouns,
  tx: Transaction,
  { model, at }: { readonly model: Model; readonly at: { task: string; amount: number } },
): Promise<void> {
  const claim = { plan: "gh-12", task: at.task, fence: (model.fence += 1) };
  const scopes = [...model.limits.keys()].filter((budget) => covers(budget, at.task));
  const fits = scopes.every(
    (budget) =>
      spentIn(model, budget) + reservedIn(model, budget) + at.amount <=
      (model.limits.get(budget) ?? 0),
  );

  const outcome = await costs.reserve(tx, { ...claim, session: "s1", microUsd: at.amount });

  expect(outcome.kind).toBe(fits ? "reserved" : "exceeded");
  if (outcome.kind === "reserved" && outcome.reservation !== null) {
    model.open.set(claim.fence, { claim, left: at.amount, scopes });
  }
}

async function run(nouns: Nouns, model: Model, action: Step): Promise<void> {
  const { store, costs } = nouns;
  const fence = "pick" in action ? pickOpen(model, action.pick) : null;
  const open = fence === null ? undefined : model.open.get(fence);
  switch (action.kind) {
    case "reserve":
      await store.write(async (tx) => reserveIn(nouns, tx, { model, at: action }));
      break;
    case "crash":
      await expect(
        store.write(async (tx) => {
          await costs.reserve(tx, {
            plan: "gh-12",
            task: action.task,
            fence: 0,
            session: "s1",
            microUsd: action.amount,
          });
          throw new Error("killed before the commit");
        }),
      ).rejects.toThrow("killed");
      break;
    case "spend": {
      const claim = open?.claim ?? { plan: "gh-12", task: "T3", fence: 0 };
      await store.write(async (tx) =>
        costs.record(tx, {
          ...claim,
          session: "s1",
          attempt: 1,
          actor: "system",
          usage: {
            model: null,
            inputTokens: 0,
            outputTokens: 0,
            cacheReadTokens: 0,
            cacheWriteTokens: 0,
            microUsd: action.amount,
          },
        }),
      );
      model.spends.push({ task: claim.task, amount: action.amount });
      if (open !== undefined) {
        open.left -= Math.min(open.left, action.amount);
      }
      break;
    }
    case "settle":
      if (open !== undefined && fence !== null) {
        await store.write(async (tx) =>
          costs.settle(tx, { ...open.claim, isFailed: action.pick % 2 === 0, actor: "system" }),
        );
        model.open.delete(fence);
      }
      break;
    case "limit":
      await store.write(async (tx) =>
        costs.setBudget(tx, {
          scope: action.scope,
          limitMicroUsd: action.limit,
          isHard: true,
          actor: "system",
        }),
      );
      model.limits.set(action.scope, action.limit);
      break;
  }
}

proveOnBothStores({
  sqlite: proofRun("R20", 150, 20),
  postgres: proofRun("R20_POSTGRES", 10, 20),
  title: ({ count, seed }) =>
    `invariant 6: spent and reserved stay within each hard budget at every grant (${String(count)} histories, seed ${String(seed)})`,
  prove: async ({ count, seed }, open) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100 }), async (steps) => {
        const nouns = nounsOver(await open({ migrations: nounMigrations }));
        const model: Model = { limits: new Map(), open: new Map(), spends: [], fence: 0 };
        for (const action of [
          { kind: "limit", scope: "plan:gh-12", limit: 200 } as const,
          ...steps,
        ]) {
          await run(nouns, model, action);
          const budgets = await nouns.store.read(async (reader) => nouns.costs.budgets(reader));
          for (const budget of budgets) {
            expect([budget.scope, budget.reservedMicroUsd, budget.spentMicroUsd]).toEqual([
              budget.scope,
              reservedIn(model, budget.scope),
              spentIn(model, budget.scope),
            ]);
          }
        }
        const { store, costs } = nouns;
        const tally = await store.read(async (reader) => costs.tally(reader));
        expect(checkTally({ tally })).toEqual([]);
        await nouns.store.close();
      }),
      { numRuns: count, seed },
    );
  },
});
