export {
  decideReserve,
  estimateClaim,
  leftOf,
  scopesOf,
  shortfallOf,
  warningsOf,
} from "./budget.ts";
export type {
  CallPurpose,
  CallReserveOutcome,
  CallReserveRequest,
  CallSettleRequest,
  SeatSpend,
} from "./call.ts";
export { authorScope, isCurrentScope, issueOf } from "./call.ts";
export { callsMigration } from "./call-tables.ts";
export type {
  Budget,
  BudgetRoom,
  BudgetScope,
  ClaimKey,
  Covering,
  Reservation,
  ReserveOutcome,
  Spend,
  Usage,
} from "./cost.ts";
export { createCosts } from "./costs.ts";
export type { Costs, CostsDeps } from "./costs.ts";
export { priceOfOutcomes } from "./outcome.ts";
export type { Outcome, OutcomeKind, OutcomePrice, OutcomeRequest, PaidOutcome } from "./outcome.ts";
export { outcomesMigration } from "./outcome-tables.ts";
export { costErrors } from "./errors.ts";
export { measuredMigration } from "./measured-tables.ts";
export type { MeasuredClaim } from "./measured-groups.ts";
export type { Measured } from "./measuring.ts";
export { parseTranscript } from "./transcripts/parse.ts";
export type { MeasuredUse, Transcript } from "./transcripts/transcript.ts";
export { defaultPrices, priceRow } from "./prices.ts";
export type { Price, PriceTable } from "./prices.ts";
export { costOf, exactUsd, findPrice, formatUsd, priceOf } from "./pricing.ts";
export type {
  BudgetRequest,
  RefusalRequest,
  ReserveRequest,
  SettleRequest,
  SpendRequest,
  SpendsOptions,
  Totals,
  TotalsBy,
  TotalsOptions,
} from "./requests.ts";
export { usualRetryLimit } from "./retries.ts";
export { costsMigration } from "./tables.ts";
export type { BudgetTally } from "./tally.ts";
export { tokenHint } from "./token-hint.ts";
export type { TokenHint } from "./token-hint.ts";
export { lastReservationProbe } from "./probes.ts";
export type { Purse } from "./purse.ts";
export type { AllSetAside, CoveredRequest } from "./reserving-all.ts";
