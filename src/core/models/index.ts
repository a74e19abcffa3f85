export type {
  CallGrant,
  CallLedger,
  CallOutcome,
  CallReservation,
  CallSettlement,
  PlannedCall,
} from "./call-ledger.ts";
export type { Cassette, Recorded, RecordedGeneration } from "./cassette.ts";
export type {
  CallTag,
  GenerateRequest,
  Generation,
  LanguageModel,
  ModelMessage,
  OutputSchema,
  RateLimits,
  TokenLimit,
  TokenUsage,
} from "./language-model.ts";
export { ModelError } from "./model-error.ts";
export type { ModelErrorDetail, ModelFault } from "./model-error.ts";
export type { Model, ModelSize, ModelTakes } from "./model.ts";
export type { Redacted, RedactedKind, Redactor } from "./redaction.ts";
export { answerTokens, createTokens, promptTokens } from "./tokens.ts";
export type { Tokens } from "./tokens.ts";
export { createModels } from "./create-models.ts";
export type { ModelsDeps, ProviderPolicy } from "./create-models.ts";
export type { ChainKind, Chains, WorstCostOf } from "./policies/failover.ts";
export type { Rate } from "./policies/limiting-rate.ts";
export type { ModelEvent, OnModelEvent } from "./policies/model-event.ts";
export { createRemarks } from "./remarks.ts";
export type { Remarks } from "./remarks.ts";
export type { TapeMode } from "./policies/taping.ts";
export { settlementOf } from "./policies/reserving.ts";
export { bucketOfMinute, tierBuckets, tierOf } from "./policies/tier.ts";
export type { Bucket, Tier } from "./policies/tier.ts";
export { modelErrors } from "./errors.ts";
export { phaseMsFor } from "./phase-time.ts";
export { tellModelError } from "./tell-model-error.ts";
