import type { MicroUsd } from "../../base/ids.ts";
import { formatUsd, priceOf } from "../../costs/index.ts";
import type { Price } from "../../costs/index.ts";
import type {
  CallLedger,
  CallReservation,
  CallSettlement,
  Model,
  PlannedCall,
  TokenUsage,
} from "../../models/index.ts";

/** Counts what one run spends, every try of every call, and keeps it below its own limit. */
export interface RunLedger extends CallLedger {
  /** What the settled tries have cost; a try whose usage nobody told counts at its worst. */
  spent(): MicroUsd;
}

export interface RunLedgerDeps {
  /** Null: nobody knows the price, and the call is refused. */
  readonly priceOf: (model: Model) => Price | null;
  /** Null: no limit of the run's own. */
  readonly limitOf: () => MicroUsd | null;
  /** The ledger of the project, asked after this one. */
  readonly project: CallLedger;
}

export function createRunLedger({
  priceOf: findPrice,
  limitOf,
  project,
}: RunLedgerDeps): RunLedger {
  let spent = 0;
  let reserved = 0;
  const worst = new Map<string, MicroUsd>();
  return {
    spent: () => spent,
    reserve: async (call) => {
      const price = findPrice(call.model);
      if (price === null) {
        return refused(
          `The price of ${call.model.name} is not known. Declare \`price\` for it in \`skein.yml\`.`,
        );
      }
      const [amount, limit] = [priceOf(worstOf(call), price), limitOf()];
      if (limit !== null && spent + reserved + amount > limit) {
        return refused(
          `Of the run's ${exact(limit)} USD ${exact(limit - spent - reserved)} are left, and this call may cost ${exact(amount)}.`,
        );
      }
      // Set aside before the project is asked, so that calls at once cannot take the same money.
      reserved += amount;
      const reservation = await project.reserve(call).catch((error: unknown) => {
        reserved -= amount;
        throw error;
      });
      if (reservation.kind === "refused") {
        reserved -= amount;
      } else {
        worst.set(reservation.grant.id, amount);
      }
      return reservation;
    },
    settle: async (grant, settlement) => {
      const amount = worst.get(grant.id) ?? 0;
      worst.delete(grant.id);
      reserved -= amount;
      spent += costOf(settlement, findPrice(grant.call.model), amount);
      await project.settle(grant, settlement);
    },
  };
}

function refused(message: string): CallReservation {
  return { kind: "refused", message };
}

function worstOf({ inputTokens, outputTokens }: PlannedCall): TokenUsage {
  return { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
}

function costOf(
  { outcome, usage }: CallSettlement,
  price: Price | null,
  amount: MicroUsd,
): MicroUsd {
  if (usage !== null && price !== null) {
    return priceOf(usage, price);
  }
  return outcome === "answered" || outcome === "unknown" ? amount : 0;
}

/** Cents where they say all, else every digit of the micro-dollars. */
function exact(microUsd: MicroUsd): string {
  return microUsd % 10_000 === 0 ? formatUsd(microUsd) : (microUsd / 1_000_000).toFixed(6);
}
