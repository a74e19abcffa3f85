import { defineErrors } from "../base/errors.ts";

export const costErrors = defineErrors({
  badUsage: {
    code: "SKN-1701",
    kind: "usage",
    title: "The usage cannot be counted.",
    cause: "Tokens and money are whole numbers from 0 to 1,000,000,000,000.",
    fix: "Report tokens as whole numbers, and money in whole micro-dollars.",
  },
  badBudget: {
    code: "SKN-1702",
    kind: "usage",
    title: "The budget cannot be set.",
    cause: "A limit is a whole number of micro-dollars from 0 to 1,000,000,000,000.",
    fix: "Give the limit in dollars with at most six decimals, or none.",
  },
  lostReservation: {
    code: "SKN-0701",
    kind: "failed",
    title: "A budget changed while money was being set aside in it.",
    cause: "Two transactions wrote one project at once, which the store forbids.",
    fix: "Report this as a bug of Skein, with the output of `skein verify`.",
  },
});
