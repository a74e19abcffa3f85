import type { Random } from "../base/clock.ts";
import type { Timer } from "../base/timer.ts";
import type { CallLedger } from "./call-ledger.ts";
import type { Cassette } from "./cassette.ts";
import type { LanguageModel } from "./language-model.ts";
import type { Model } from "./model.ts";
import type { Chains, WorstCostOf } from "./policies/failover.ts";
import type { Rate } from "./policies/limiting-rate.ts";
import type { OnModelEvent } from "./policies/model-event.ts";
import type { TapeMode } from "./policies/taping.ts";
import type { Redactor } from "./redaction.ts";

/** How a provider is treated. */
export interface ProviderPolicy {
  readonly rate: Rate;
  /** Calls at once, from 1. */
  readonly concurrency: number;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ModelsDeps {
  /** The adapters: calls the provider that `request.model.provider` names. */
  readonly providers: LanguageModel;
  readonly models: readonly Model[];
  readonly policyOf: (provider: string) => ProviderPolicy;
  readonly chains: Chains;
  /** What one try of a request may cost at most; of those that may stand in, the cheapest does. Default: nobody knows. */
  readonly worstCostOf?: WorstCostOf | undefined;
  readonly redactor: Redactor;
  readonly ledger: CallLedger;
  /** Null: every call is made and none is kept. */
  readonly tape: { readonly cassette: Cassette; readonly mode: TapeMode } | null;
  /** `once`: no retries and no failover, for whoever wants to know how each model fares. */
  readonly tries: "by-cause" | "once";
  readonly timer: Timer;
  readonly random: Random;
  /** Hears what the policies do. Default: nobody. */
  readonly onEvent?: OnModelEvent | undefined;
}

/** Puts all policies around the adapters. Their libraries are loaded only now: hooks and servers that call no model do without. */
export async function createModels(deps: ModelsDeps): Promise<LanguageModel> {
  const { stackPolicies } = await import("./stack-policies.ts");
  return stackPolicies(deps);
}
