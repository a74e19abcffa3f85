import { defineErrors } from "../base/errors.ts";

export const pullReviewErrors = defineErrors({
  badPublication: {
    code: "SKN-1671",
    kind: "usage",
    title: "That is no review to publish.",
    cause: "What was handed over was made by another version of Skein, or was changed on the way.",
    fix: "Run the whole workflow again, all jobs with the same version.",
  },
  tampered: {
    code: "SKN-4671",
    kind: "conflict",
    title: "What Skein keeps of the pull request in its comment was changed by somebody.",
    cause: "The hidden line of the comment was edited or cut, or was signed with another key.",
    fix: "Have it begun anew with `/skein full review`; until then no review is made that nobody asks for.",
  },
  noPull: {
    code: "SKN-5671",
    kind: "missing",
    title: "There is no such pull request.",
    cause: "The number is that of an issue, or of another repository.",
    fix: "Name an open pull request of this repository.",
  },
});
