import { defineErrors } from "../base/errors.ts";

export const dispatchErrors = defineErrors({
  notYours: {
    code: "SKN-3801",
    kind: "auth",
    title: "This belongs to another session.",
    cause:
      "Only a person, or a session above the holder in its team, may take work or paths away from a session.",
    fix: "Ask the holder with send_message, or ask a person to run the command.",
  },
  notHeld: {
    code: "SKN-4801",
    kind: "conflict",
    title: "Nobody holds this task.",
    cause: "It was finished, released or returned to the queue meanwhile.",
    fix: "Look at the task, then call next_task.",
  },
  notReady: {
    code: "SKN-4802",
    kind: "conflict",
    title: "The task cannot be given now.",
    cause: "It waits for something, or another session holds it or its paths.",
    fix: "Run `skein task why TASK` to see what it waits for.",
  },
  budget: {
    code: "SKN-6801",
    kind: "budget",
    title: "A hard budget does not allow another claim.",
    cause: "What is spent and reserved has reached the limit.",
    fix: "Ask a person to raise the budget, or finish what is claimed.",
  },
  noRoom: {
    code: "SKN-7801",
    kind: "unavailable",
    title: "This machine has too little memory or disk for more work.",
    cause: "Agents that run out of either end in the middle of their work, and so may the store.",
    fix: "Free some, or change what SKEIN_MIN_FREE_MEMORY_MB, SKEIN_MIN_FREE_DISK_MB, SKEIN_MAX_MEMORY_PERCENT and SKEIN_MAX_DISK_PERCENT say; then ask again.",
  },
  crowded: {
    code: "SKN-7802",
    kind: "unavailable",
    title: "So many calls wait here that this one could not try once.",
    cause: "Calls that wait try in turns, and the store took too long for those before.",
    fix: "Ask again after `retryAfterMs`; `look` tells what there is without waiting.",
  },
  reason: {
    code: "SKN-1801",
    kind: "usage",
    title: "Taking something from a session needs a reason.",
    cause: "Forced changes are recorded with their reason for whoever looks later.",
    fix: "Add --reason TEXT.",
  },
  session: {
    code: "SKN-5801",
    kind: "missing",
    title: "There is no such session.",
    cause: "The id was mistyped, or the session was never here.",
    fix: "Run `skein session list`.",
  },
  lease: {
    code: "SKN-5802",
    kind: "missing",
    title: "There is no such lease.",
    cause: "The id was mistyped, or the lease has ended.",
    fix: "Run `skein lease list`.",
  },
});
