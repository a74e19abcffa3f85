import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of splitting issues into tasks. */
export const decompositionErrors = defineErrors({
  tooLarge: {
    code: "SKN-1661",
    kind: "usage",
    title: "The plan of the issue is too large to be kept in a comment.",
    cause:
      "Between two runs of an Action the plan is kept in a hidden line of at most 20 KB, and no database is there to keep it instead.",
    fix: "Shorten the issue or split it in two; or run Skein where a database is (`skein` in a checkout, or the server).",
  },
  notAnIssue: {
    code: "SKN-1662",
    kind: "usage",
    title: "That is no issue.",
    cause: "A pull request has a number of the same series, and only issues are split into tasks.",
    fix: "Name an issue.",
  },
  brokenState: {
    code: "SKN-4661",
    kind: "conflict",
    title: "The plan in Skein's comment cannot be read.",
    cause:
      "The hidden line of the comment was edited or cut, was signed with another key, or was written by a newer version.",
    fix: "Restore the comment from its history, or delete it and have the issue planned again: children that exist are found, or named, and none is made twice.",
  },
  noIssue: {
    code: "SKN-5661",
    kind: "missing",
    title: "There is no such issue.",
    cause: "It was deleted or moved, or the token may not read it.",
    fix: "Compare the number and the repository's name.",
  },
  noPlan: {
    code: "SKN-5662",
    kind: "missing",
    title: "The plan of the issue is not kept here.",
    cause:
      "It was too large for the comment and is kept in the database of the machine that made it, or there among more than 100 newer drafts.",
    fix: "Run it where the plan was made, or have the issue planned again.",
  },
});
