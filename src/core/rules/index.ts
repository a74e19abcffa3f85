export { rulesErrors } from "./errors.ts";
export { evaluate } from "./evaluate.ts";
export type { RulesResult } from "./evaluate.ts";
export { explainLines, explainMarkdown } from "./explain.ts";
export { durationText, liveTimeOf } from "./ledger/age.ts";
export { ledgerFile, ledgerRef, maxLedgerBytes } from "./ledger/ledger.ts";
export type { Ledger, LedgerLease, LedgerTask, Publication } from "./ledger/ledger.ts";
export { readPublication } from "./ledger/live.ts";
export type { LedgerStore, PublicationHead } from "./ledger/live.ts";
export { parseLedger } from "./ledger/parse.ts";
export { ledgerText, withPublication } from "./ledger/write.ts";
export { readMarks } from "./marks.ts";
export type { ClaimMark } from "./marks.ts";
export { defaultMaxAgeMs, defaultNodes, maxDepth, policyHash } from "./policy.ts";
export type { Policy, PolicyNode, RuleChoice } from "./policy.ts";
export type { RulePlace, RuleResult, RuleRow, Verdict } from "./rule.ts";
export { absent, failed, known } from "./snapshot.ts";
export type {
  Account,
  ChangeCommit,
  Fact,
  Permission,
  PersonApproval,
  PullText,
  SecretSighting,
  SizedFile,
  Snapshot,
} from "./snapshot.ts";
