import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of integration. */
export const integrationErrors = defineErrors({
  notALead: {
    code: "SKN-3811",
    kind: "auth",
    title: "Only a lead, a manager or a person may accept this task.",
    cause: "The task's plan says `verify: lead`, and the caller is a worker.",
    fix: "Ask the session above you, or a person, to run `skein task verify`.",
  },
  turnTaken: {
    code: "SKN-4811",
    kind: "conflict",
    title: "Somebody else is integrating right now.",
    cause:
      "Work is integrated by one process at a time, so that each commit is checked on the one before.",
    fix: "Wait a few seconds and try again; nothing is lost.",
  },
  notSubmitted: {
    code: "SKN-4812",
    kind: "conflict",
    title: "Only a submitted task can be verified.",
    cause: "The task is still in work, was sent back, or has ended.",
    fix: "Look at its state with `skein task show`.",
  },
  notIntegrated: {
    code: "SKN-4813",
    kind: "conflict",
    title: "The task's work is not on the integration branch.",
    cause:
      "Its commit is not an ancestor of the branch, and no commit there makes the same change.",
    fix: "Run `skein integrate`, or merge the work, and verify again.",
  },
  checkFailed: {
    code: "SKN-4814",
    kind: "conflict",
    title: "The task's check failed on the integration branch.",
    cause: "The command that its plan names ended with an error; its output is among the facts.",
    fix: "Mend the branch with a new task, then verify again.",
  },
});
