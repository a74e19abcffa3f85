import { defineErrors } from "../core/base/errors.ts";

/** What can go wrong between an agent and Skein's tools. */
export const mcpErrors = defineErrors({
  bug: {
    code: "SKN-0901",
    kind: "failed",
    title: "Internal error.",
    cause:
      "A fault in Skein itself; its details went to the server's standard error under the id given.",
    fix: "Call again; when it stays, report the id and the matching lines of the log.",
  },
  argument: {
    code: "SKN-1901",
    kind: "usage",
    title: "The arguments of the tool are wrong.",
    cause: "A field is missing, unknown, of the wrong type or out of its range.",
    fix: "Correct the named fields and call again.",
  },
  nothingGiven: {
    code: "SKN-1902",
    kind: "usage",
    title: "The call says neither one thing nor the other.",
    cause: "The tool needs one of two groups of fields.",
    fix: "Give one of them.",
  },
  hookUsage: {
    code: "SKN-1903",
    kind: "usage",
    title: "A hook is called by an agent program.",
    cause:
      "It takes the name of the program, the name of the event, and the program's JSON on standard input.",
    fix: "Run `skein init`, which writes the calls.",
  },
  notYourPlan: {
    code: "SKN-3901",
    kind: "auth",
    title: "Another session proposed this plan.",
    cause: "A session may propose new plans and change those it proposed; people may change all.",
    fix: "Propose it under another id, or ask the proposer or a person.",
  },
  notYourQuestion: {
    code: "SKN-3902",
    kind: "auth",
    title: "Another session asked this question.",
    cause: "Questions are shown to whoever asked them; answers come from people.",
    fix: "Ask your own question, or look at approvals.",
  },
  needsRepository: {
    code: "SKN-8901",
    kind: "unsafe",
    title: "This needs the repository itself.",
    cause: "A server keeps the coordination of a project, not the caller's worktree.",
    fix: "Run the command where the work is.",
  },
  nothingThere: {
    code: "SKN-5901",
    kind: "missing",
    title: "There is nothing of that name.",
    cause: "The id was mistyped, or what it named is gone.",
    fix: "Look at the board for the names there are.",
  },
});
