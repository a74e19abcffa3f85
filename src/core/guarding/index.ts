export { createGuarding } from "./guarding.ts";
export type {
  ClaimOfSession,
  ForeignPath,
  GuardedPaths,
  GuardedSession,
  Guarding,
  GuardingDeps,
  GuardSubject,
  JudgedClaim,
  NeededCommit,
} from "./asking.ts";
