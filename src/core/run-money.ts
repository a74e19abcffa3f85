import type { Actor, MicroUsd } from "./base/ids.ts";
import { keepLimits, roomFor } from "./call-limits.ts";
import type { CallLimits } from "./call-limits.ts";
import type { BudgetRoom, CallPurpose, Costs } from "./costs/index.ts";
import type { Store, Transaction } from "./store/index.ts";

export interface RunMoneyDeps {
  readonly store: Store;
  readonly costs: Costs;
  readonly purpose: Omit<CallPurpose, "run">;
  readonly limits: CallLimits;
  readonly actor: Actor;
}

/** Money that is set aside for runs as a whole. */
export interface RunMoney {
  /**
   * Sets the worst case of all calls of a run aside before its first, in place of what is set aside for it already. Null: it is done. Else a budget
   * has no room for it, nothing is set aside, and this is what is left.
   */
  setAside(run: string, microUsd: MicroUsd): Promise<BudgetRoom | null>;
  /** Lets go of what no call has drawn; nothing where nothing is set aside. */
  letGo(run: string): Promise<void>;
  /**
   * What is left in the tightest budget of a run that begins now; null: no limit. What runs and calls hold whose process must be gone is settled first:
   * else a budget that one of them holds as a whole would have room for nobody who could free it.
   */
  room(): Promise<BudgetRoom | null>;
  /** What calls of the run draw on. */
  sourceOf(run: string): string | null;
}

export function createRunMoney(deps: RunMoneyDeps): RunMoney {
  const { store, costs, purpose, actor } = deps;
  const sources = new Map<string, string>();

  async function release(tx: Transaction, run: string): Promise<void> {
    const id = sources.get(run);
    if (id !== undefined) {
      await costs.settleCall(tx, { id, charge: { kind: "nothing" }, isFailed: false, actor });
    }
  }

  return {
    setAside: async (run, microUsd) => {
      const { id, room } = await store.write(async (tx) => {
        await release(tx, run);
        await keepLimits(tx, { ...deps, run });
        const asked = { purpose: { ...purpose, run }, microUsd, actor };
        const outcome = await costs.reserveRun(tx, asked);
        return outcome.kind === "reserved"
          ? { id: outcome.id, room: null }
          : { id: null, room: await roomFor(tx, { ...deps, run }) };
      });
      sources.delete(run);
      if (id !== null) {
        sources.set(run, id);
      }
      return room;
    },
    letGo: async (run) => {
      if (sources.has(run)) {
        await store.write(async (tx) => release(tx, run));
        sources.delete(run);
      }
    },
    room: async () =>
      store.write(async (tx) => {
        await costs.settleAbandonedCalls(tx);
        return roomFor(tx, { ...deps, run: null });
      }),
    sourceOf: (run) => sources.get(run) ?? null,
  };
}
