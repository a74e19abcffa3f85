export { createDispatch } from "./create.ts";
export { createComparedScopes } from "./compared-scopes.ts";
export { createNothingFound } from "./nothing-found.ts";
export type { Room } from "./room.ts";
export type { DispatchDeps, PathReading } from "./deps.ts";
export type {
  ControlAct,
  Dispatch,
  OverrideRequest,
  ReassignRequest,
  ReleaseFilesOutcome,
} from "./dispatch.ts";
export { dispatchErrors } from "./errors.ts";
export { retryRule } from "./retry-money.ts";
export type {
  Caller,
  Claim,
  ClaimFilesOutcome,
  ClaimFilesRequest,
  DependencyResult,
  FinishTaskOutcome,
  FinishTaskRequest,
  NextTaskOutcome,
  NextTaskRequest,
  Recovery,
  ReleaseFilesRequest,
  Standing,
  UpdateTaskOutcome,
  UpdateTaskRequest,
  WaitingSummary,
  Why,
  WhyReason,
} from "./request.ts";
export { nobody } from "./request.ts";
export { findSession, identify } from "./identify.ts";
export { readGiven } from "./scope.ts";
export { longestWaitMs } from "./wait.ts";
