import { defineErrors } from "../base/errors.ts";

export const approvalErrors = defineErrors({
  badQuestion: {
    code: "SKN-1605",
    kind: "usage",
    title: "The question cannot be asked.",
    cause: "A question has 1 to 4,096 bytes of visible text.",
    fix: "Ask one short question that a person can answer without the conversation before it.",
  },
  badOptions: {
    code: "SKN-1606",
    kind: "usage",
    title: "The options of the question cannot be used.",
    cause: "A question has at most 8 different options, of 1 to 200 characters each.",
    fix: "Give fewer or shorter options, or none to allow any answer.",
  },
  badAnswer: {
    code: "SKN-1607",
    kind: "usage",
    title: "The answer is not one that the question allows.",
    cause: "The question names its options, or the answer is empty.",
    fix: "Answer with one of the options.",
  },
  badDeadline: {
    code: "SKN-1608",
    kind: "usage",
    title: "The deadline of the question is out of range.",
    cause: "A question stays open for 5 minutes to 7 days.",
    fix: "Give a deadline in that range, or none for 5 minutes.",
  },
  notYours: {
    code: "SKN-3601",
    kind: "auth",
    title: "The question belongs to another session.",
    cause: "A question is taken back or put off by the session that asked it, or by a person.",
    fix: "Ask that session with send_message, or ask a person.",
  },
  tooMany: {
    code: "SKN-7601",
    kind: "unavailable",
    title: "The session has too many open questions.",
    cause: "A session may wait for 8 answers at a time.",
    fix: "Wait for an answer, or take a question back.",
  },
  noApproval: {
    code: "SKN-5604",
    kind: "missing",
    title: "There is no such question.",
    cause: "The id was mistyped.",
    fix: "Run `skein approve` to see the open questions.",
  },
  notAPerson: {
    code: "SKN-8601",
    kind: "unsafe",
    title: "Only a person answers a question.",
    cause:
      "The answer came from an agent's session: an agent cannot give itself or another a person's consent.",
    fix: "Let a person run `skein approve`.",
  },
});
