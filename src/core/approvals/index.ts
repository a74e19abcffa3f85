export { usualDeadlineMs } from "./approval.ts";
export type { Approval, ApprovalState } from "./approval.ts";
export { createApprovals } from "./approvals.ts";
export type { Approvals } from "./approvals.ts";
export { keptAnswer } from "./closing.ts";
export { approvalErrors } from "./errors.ts";
export type {
  AnswerOutcome,
  AnswerRequest,
  ApprovalsDeps,
  AskRequest,
  ExtendOutcome,
  Parking,
} from "./requests.ts";
export { approvalsMigration } from "./tables.ts";
