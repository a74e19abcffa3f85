export { sessionErrors } from "./errors.ts";
export type { RunCall } from "./once.ts";
export { handleQuery, lookingUp } from "./handles.ts";
export type { LookedUp, LookingUp } from "./handles.ts";
export { decideExpiry, deriveState, silenceMs, silentAtMs } from "./liveness.ts";
export type { LivenessFacts } from "./liveness.ts";
export type {
  EndRequest,
  Joined,
  JoinRequest,
  Listener,
  OnceOutcome,
  OnceRequest,
  OverReason,
  OverRequest,
  OverSession,
  Renewal,
  RenewRequest,
} from "./requests.ts";
export type { ProcessProbe, ProcessStamp, Session, SessionState, Tier } from "./session.ts";
export { externalIdQuery } from "./rows.ts";
export { createSessions } from "./sessions.ts";
export type { Sessions, SessionsDeps } from "./sessions.ts";
export { sessionPrincipalsMigration, sessionsMigration } from "./tables.ts";
export { takeToken, tokensAt } from "./token-bucket.ts";
export type { Bucket, BucketRate } from "./token-bucket.ts";
export { isAncestor } from "./tier.ts";
