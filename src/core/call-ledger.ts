import type { Actor, MicroUsd } from "./base/ids.ts";
import { keepLimits } from "./call-limits.ts";
import type { CallLimits } from "./call-limits.ts";
import { priceOf, shortfallOf } from "./costs/index.ts";
import type {
  Budget,
  CallPurpose,
  CallReserveRequest,
  CallSettleRequest,
  Costs,
  Price,
} from "./costs/index.ts";
import type { CallLedger, CallSettlement, Model, PlannedCall } from "./models/index.ts";
import { createRunMoney } from "./run-money.ts";
import type { RunMoney } from "./run-money.ts";
import type { Store } from "./store/index.ts";

export interface CallLedgerDeps {
  readonly store: Store;
  readonly costs: Costs;
  /** Null: nobody knows it, and no call is made. */
  readonly priceOf: (model: Model) => Price | null;
  readonly purpose: Omit<CallPurpose, "run">;
  readonly limits: CallLimits;
  readonly actor: Actor;
  /** Told once for each budget that is nearly used up. Default: nobody. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
}

/** Knows money that is set aside for a run as a whole, too. */
export interface RunLedger extends CallLedger, Pick<RunMoney, "setAside" | "letGo" | "room"> {}

/** Counts the calls of models in the project's ledger: the bridge between two nouns that do not know each other. */
export function createCallLedger(deps: CallLedgerDeps): RunLedger {
  const { store, costs, actor } = deps;
  const warned = new Set<string>();
  const runs = createRunMoney(deps);
  return {
    setAside: async (run, microUsd) => runs.setAside(run, microUsd),
    letGo: async (run) => runs.letGo(run),
    room: async () => runs.room(),
    reserve: async (call) => {
      const price = deps.priceOf(call.model);
      if (price === null) {
        return { kind: "refused", message: unpriced(call.model) };
      }
      const outcome = await store.write(async (tx) => {
        await keepLimits(tx, { ...deps, run: call.tag.run });
        const drawsOn = isFirstTry(call) ? runs.sourceOf(call.tag.run) : null;
        return costs.reserveCall(tx, { ...requestOf(deps, call, price), drawsOn });
      });
      if (outcome.kind === "exceeded") {
        const asked = worstCase(call, price);
        return { kind: "refused", message: exceeded(call, outcome.budget, asked) };
      }
      // The same budget warns once a ledger, though its figures grow.
      for (const { scope, text } of outcome.warnings.filter((each) => !warned.has(each.scope))) {
        warned.add(scope);
        deps.onWarning?.(text);
      }
      return { kind: "granted", grant: { id: outcome.id, call } };
    },
    settle: async ({ id, call }, settlement) => {
      const charge = chargeOf(deps.priceOf(call.model), settlement);
      const isFailed = settlement.outcome !== "answered";
      await store.write(async (tx) => costs.settleCall(tx, { id, charge, isFailed, actor }));
    },
  };
}

/** Only first tries are in what is set aside for their run. */
function isFirstTry({ attempt, tag }: PlannedCall): boolean {
  return attempt === 1 && tag.occurrence === 1;
}

function requestOf(
  { purpose, actor }: CallLedgerDeps,
  call: PlannedCall,
  price: Price,
): Omit<CallReserveRequest, "drawsOn"> {
  const { tag, model, attempt, inputTokens, outputTokens } = call;
  return {
    purpose: { ...purpose, run: tag.run },
    seat: tag.seat,
    phase: tag.phase,
    attempt,
    model: model.id,
    inputTokens,
    outputTokens,
    microUsd: worstCase(call, price),
    actor,
  };
}

/** What a call costs at most: a prompt that is written to the provider's cache, or read from it, may be charged more dearly. */
export function worstCase(
  { inputTokens, outputTokens }: Pick<PlannedCall, "inputTokens" | "outputTokens">,
  price: Price,
): MicroUsd {
  const input = Math.max(price.input, price.cacheWrite, price.cacheRead);
  const usage = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return priceOf(usage, { ...price, input });
}

function chargeOf(
  price: Price | null,
  { outcome, usage }: CallSettlement,
): CallSettleRequest["charge"] {
  if (outcome === "unsent" || (outcome === "refused" && usage === null)) {
    return { kind: "nothing" };
  }
  return usage === null || price === null
    ? { kind: "estimated" }
    : { kind: "used", microUsd: priceOf(usage, price), ...usage };
}

function unpriced({ name, id }: Model): string {
  return `The price of ${name} (${id}) is not known, so its cost cannot be bounded. Declare one: models.${name}.price in skein.yml.`;
}

function exceeded({ model, tag }: PlannedCall, budget: Budget, asked: MicroUsd): string {
  return `The budget of ${budget.scope} has no room for the ${tag.phase} call of ${model.name}: ${shortfallOf(budget, asked)}.`;
}
