import { ModelError } from "../../src/core/models/index.ts";
import type {
  CallGrant,
  CallLedger,
  CallSettlement,
  GenerateRequest,
  Generation,
  LanguageModel,
  Model,
  ModelFault,
  OutputSchema,
  PlannedCall,
  RateLimits,
} from "../../src/core/models/index.ts";

/** A model that nothing is odd about: `sonnet` of `claude`, large. */
export function aModel(odd: Partial<Model> = {}): Model {
  return {
    name: "sonnet",
    provider: "claude",
    id: "claude-sonnet-5-5",
    family: "claude",
    size: "large",
    weight: 1_500,
    takes: {
      temperature: true,
      reasoning: null,
      tokenParameter: "max_tokens",
      thinkingTokens: 0,
      headers: {},
    },
    ...odd,
  };
}

/** A short question of seat 1 in the generate phase. */
export function aRequest(odd: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: aModel(),
    messages: [{ role: "user", text: "What is wrong here?" }],
    maxOutputTokens: 100,
    temperature: 0.8,
    signal: new AbortController().signal,
    tag: { run: "R1", seat: "1", phase: "generate", occurrence: 1 },
    ...odd,
  };
}

/** The answer "fine" of whoever was asked. */
export function aGeneration(
  request: GenerateRequest,
  odd: Partial<Generation<never>> = {},
): Generation<never> {
  return {
    text: "fine",
    object: null,
    usage: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 },
    finish: "stop",
    model: request.model,
    limits: null,
    isCached: false,
    ...odd,
  };
}

/** What a scripted port does with its `call`th call, from 1. */
export type Script = (
  request: GenerateRequest,
  call: number,
) => Generation<never> | Promise<Generation<never>>;

export interface ScriptedModel extends LanguageModel {
  readonly requests: readonly GenerateRequest[];
}

/** A port that follows a script; it says "fine" unless told otherwise. */
export function scriptedModel(script: Script = (request) => aGeneration(request)): ScriptedModel {
  const requests: GenerateRequest[] = [];
  return {
    requests,
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      requests.push(widened(request));
      return script(widened(request), requests.length);
    },
  };
}

/** A request whose schema promises nothing. */
function widened<T>(request: GenerateRequest<T>): GenerateRequest {
  return { ...request, schema: request.schema satisfies OutputSchema<unknown> | undefined };
}

/** A failure of a kind. */
export function failure(fault: ModelFault, odd: Partial<ModelError> = {}): ModelError {
  return new ModelError({ fault, message: `scripted ${fault}`, ...odd });
}

/** Headers of a provider that allows 15 requests. */
export function someLimits(odd: Partial<RateLimits> = {}): RateLimits {
  return {
    requests: 15,
    remaining: 14,
    resetMs: 2_000,
    tokenLimits: [],
    ...odd,
  };
}

export interface RecordingLedger extends CallLedger {
  readonly reserved: readonly PlannedCall[];
  readonly settled: readonly (CallSettlement & { readonly grant: CallGrant })[];
}

/** A ledger that grants everything until `refuseFrom` grants were given. */
export function recordingLedger(refuseFrom = Number.POSITIVE_INFINITY): RecordingLedger {
  const reserved: PlannedCall[] = [];
  const settled: (CallSettlement & { readonly grant: CallGrant })[] = [];
  return {
    reserved,
    settled,
    reserve: (call) => {
      if (reserved.length >= refuseFrom) {
        return Promise.resolve({ kind: "refused", message: "The budget of the run is used up." });
      }
      reserved.push(call);
      return Promise.resolve({
        kind: "granted",
        grant: { id: `g${String(reserved.length)}`, call },
      });
    },
    settle: (grant, settlement) => {
      settled.push({ grant, ...settlement });
      return Promise.resolve();
    },
  };
}
