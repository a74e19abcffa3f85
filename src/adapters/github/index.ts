export type { AnswerCache, KeptAnswer } from "./answers.ts";
export { createApp } from "./app.ts";
export type {
  App,
  AppHook,
  AppIdentity,
  AppOptions,
  DeliveryAttempt,
  MintedToken,
  TokenPermissions,
} from "./app.ts";
export type { MissedEvent } from "./changes.ts";
export { createCodeHost } from "./code-host.ts";
export type { CodeHostOptions } from "./code-host.ts";
export type { Limits } from "./limits.ts";
export { readHooks } from "./hooks.ts";
export type { RepositoryHook } from "./hooks.ts";
export { readProtection } from "./protection.ts";
export type { Protection, RequiredCheck } from "./protection.ts";
export type { Wait } from "./octokit.ts";
export type { WireOptions } from "./wire.ts";
