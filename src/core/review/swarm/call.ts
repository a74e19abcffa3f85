import type { MicroUsd } from "../../base/ids.ts";
import { answerTokens, ModelError, promptTokens, settlementOf } from "../../models/index.ts";
import type {
  GenerateRequest,
  Generation,
  LanguageModel,
  TokenUsage,
  Tokens,
} from "../../models/index.ts";
import type { CostOf } from "./affording.ts";

/** What one call came to. */
export interface CallRecord<T> {
  /** Null when no answer came. */
  readonly generation: Generation<T> | null;
  /** Why not, in our own words; null when one came. */
  readonly failure: CallFailure | null;
  readonly microUsd: MicroUsd;
  readonly savedMicroUsd: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface CallFailure {
  readonly fault: ModelError["fault"] | "refusal" | "internal";
  readonly reason: string;
}

export interface CallDeps {
  readonly model: LanguageModel;
  readonly tokens: Tokens;
  readonly costOf: CostOf;
  /** Hears of errors that are bugs, not faults of a provider. Default: nobody; the seat is named as failed all the same. */
  readonly onBug?: ((error: unknown) => void) | undefined;
}

const none: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
};

/**
 * Makes one call; never rejects. A usage that nobody told counts as in the ledger, at its worst: the estimated prompt and the longest answer,
 * unless the call never left or was turned away.
 */
export async function callModel<T>(
  deps: CallDeps,
  request: GenerateRequest<T>,
): Promise<CallRecord<T>> {
  try {
    const generation = await deps.model.generate(request);
    const usage = generation.usage ?? worstUsage(deps, request);
    const cost = deps.costOf(generation.model, usage);
    const isRefusal = generation.finish === "refusal";
    return {
      generation: isRefusal ? null : generation,
      failure: isRefusal
        ? { fault: "refusal", reason: `${generation.model.name} refused to answer.` }
        : null,
      ...(generation.isCached
        ? { ...counted(none, 0), savedMicroUsd: cost }
        : counted(usage, cost)),
    };
  } catch (error) {
    return failed(deps, request, error);
  }
}

function failed<T>(deps: CallDeps, request: GenerateRequest<T>, error: unknown): CallRecord<T> {
  if (!(error instanceof ModelError)) {
    deps.onBug?.(error);
    const failure = { fault: "internal", reason: "An internal error ended the call." } as const;
    return { generation: null, failure, ...counted(none, 0) };
  }
  const { outcome, usage: told } = settlementOf(error);
  const usage = told ?? (outcome === "unknown" ? worstUsage(deps, request) : none);
  return {
    generation: null,
    failure: { fault: error.fault, reason: error.message },
    ...counted(usage, usage === none ? 0 : deps.costOf(request.model, usage)),
  };
}

function worstUsage(deps: CallDeps, request: GenerateRequest): TokenUsage {
  return {
    ...none,
    inputTokens: promptTokens(request, deps.tokens),
    outputTokens: answerTokens(request),
  };
}

function counted(
  usage: TokenUsage,
  microUsd: MicroUsd,
): Omit<CallRecord<never>, "generation" | "failure"> {
  return {
    microUsd,
    savedMicroUsd: 0,
    inputTokens: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    outputTokens: usage.outputTokens,
  };
}
