export { leaseErrors } from "./errors.ts";
export type { PathPolicy } from "./glob.ts";
export { countGlobs, mostGlobsOfPlan, mostWildOfPlan, mostGlobsOfTask } from "./glob-bounds.ts";
export { timeIsOver } from "./granting.ts";
export type { Because, Ending, FencedRequest, LeaseEvents } from "./granting.ts";
export { clockText, heldText } from "./held-text.ts";
export { refusalsAPattern } from "./holding.ts";
export type { PathAsk, PathCheck } from "./holding.ts";
export { createEffort } from "./effort.ts";
export type { Effort } from "./effort.ts";
export {
  anyIntersectorOf,
  commonPath,
  createTextIntersector,
  patternMatches,
  patternsIntersect,
} from "./intersect.ts";
export type { LandedCommit, TaskOfLeases } from "./landing.ts";
export { isLive, leaseChange, modesConflict, standingOf } from "./lease.ts";
export type {
  Asker,
  Holder,
  Lease,
  LeaseMode,
  LeaseOrigin,
  LeaseOutcome,
  LeaseRequest,
  LeaseVerdict,
  Refusal,
} from "./lease.ts";
export { createLeases } from "./leases.ts";
export type { GrantOptions, Leases, LeasesDeps } from "./leases.ts";
export type { LeaseFilter, LeasePage } from "./ledger.ts";
export { literalPath, literalPrefix, parsePathPattern, patternText } from "./path-pattern.ts";
export type { ParsePathOptions, PathPattern } from "./path-pattern.ts";
export { lastLeaseProbe, leaseProbes } from "./probes.ts";
export type { HandOver, PathRequest, Released, ReleaseTarget } from "./requesting.ts";
export type { FindHolders } from "./rows.ts";
export { leasesMigration } from "./tables.ts";
export type { Found, Meeting, ScopeSearch, ScopesFound } from "./scope-search.ts";
export { offerMs, placeKeptMs } from "./wait-queue.ts";
export type { Waiting } from "./wait-queue.ts";
