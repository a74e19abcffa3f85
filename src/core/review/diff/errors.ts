import { defineErrors } from "../../base/errors.ts";

/** The part of the error catalogue that speaks of diffs. */
export const diffErrors = defineErrors({
  diffSyntax: {
    code: "SKN-1861",
    kind: "usage",
    title: "The diff cannot be read.",
    cause:
      "It is cut off, was edited by hand, or is not a unified diff; what cannot be read for certain is not reviewed.",
    fix: "Make it anew with `git diff --no-color BASE...HEAD > change.patch`.",
  },
  diffCombined: {
    code: "SKN-1862",
    kind: "usage",
    title: "A combined diff cannot be reviewed.",
    cause: "The diff of a merge shows several old sides at once, so that no line has one number.",
    fix: "Diff against one side: `git diff FIRST_PARENT...HEAD > change.patch`.",
  },
  diffTooLarge: {
    code: "SKN-1863",
    kind: "usage",
    title: "The diff is too large.",
    cause: "A diff has at most 10 MB of text.",
    fix: "Review a smaller range, or leave out paths.",
  },
});
