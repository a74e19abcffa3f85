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
  TokenUsage,
} from "./language-model.ts";
export { ModelError } from "./model-error.ts";
export type { ModelErrorDetail, ModelFault } from "./model-error.ts";
export type { Model, ModelSize, ModelTakes } from "./model.ts";
export type { Redacted, RedactedKind, Redactor } from "./redaction.ts";
export { answerTokens, createTokens, promptTokens } from "./tokens.ts";
export type { Tokens } from "./tokens.ts";
