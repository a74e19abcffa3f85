import { defineErrors } from "../base/errors.ts";

export const reviewErrors = defineErrors({
  badSeats: {
    code: "SKN-1871",
    kind: "usage",
    title: "The panel cannot have that many seats.",
    cause: "A panel has from 1 to 20 seats.",
    fix: "Set `review.seats` to a whole number from 1 to 20, or leave it out.",
  },
  unknownMember: {
    code: "SKN-1872",
    kind: "usage",
    title: "The panel names a model that is not declared.",
    cause: "A panel's members are names under `models` in `skein.yml`.",
    fix: "Declare the model, or name another one.",
  },
  badThreshold: {
    code: "SKN-1873",
    kind: "usage",
    title: "The threshold is no percentage.",
    cause: "A threshold is a whole number from 0 to 100.",
    fix: "Give a whole number from 0 to 100, as `--threshold 70`.",
  },
  badPurpose: {
    code: "SKN-1874",
    kind: "usage",
    title: "A review is for a pull request or an issue that is named otherwise.",
    cause: "The name is not that of a repository with a number.",
    fix: "Name it as owner/name#12.",
  },
  noCommit: {
    code: "SKN-1875",
    kind: "usage",
    title: "Findings of this change cannot be verified by a command.",
    cause:
      "The command of `--verify` runs on copies of the change's commits, and a worktree or a patch has none.",
    fix: "Commit the change and review it with `--base` or `--range`.",
  },
  notAPerson: {
    code: "SKN-3871",
    kind: "auth",
    title: "Only a person says what became of a finding.",
    cause:
      "An agent's session asked for it. What is dismissed falls silent, and outcomes move the weights of models: who wrote the code does not judge its review.",
    fix: "Let a person run `skein review outcome`, or mend the code and review again.",
  },
  verifyByAgent: {
    code: "SKN-3872",
    kind: "auth",
    title: "Only a person has findings verified by a command.",
    cause:
      "An agent's session asked for it. The command outranks all votes: who wrote the code does not judge its review.",
    fix: "Let a person run `skein review --verify`, or review without it.",
  },
  unfinished: {
    code: "SKN-4871",
    kind: "conflict",
    title: "The review is not finished.",
    cause: "It still runs, or the process that ran it ended before its end.",
    fix: "Wait for it, or review again.",
  },
  noReview: {
    code: "SKN-5871",
    kind: "missing",
    title: "There is no such review.",
    cause: "The id is that of another project, or of a review that was pruned.",
    fix: "List the reviews with `skein review list`.",
  },
  noFinding: {
    code: "SKN-5872",
    kind: "missing",
    title: "The review has no such finding.",
    cause: "Findings are numbered within their review: F1, F2 and so on.",
    fix: "Show the review with `skein review show ID` and name one of its findings.",
  },
  noModels: {
    code: "SKN-2871",
    kind: "config",
    title: "No model is configured to review with.",
    cause: "A review asks models, and `skein.yml` declares none.",
    fix: "Declare `providers` and `models` in `skein.yml`; `skein models check` tells whether they answer.",
  },
});
