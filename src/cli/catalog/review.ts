import type { ArgumentSpec, CommandSpec, OptionSpec } from "../command.ts";
import { dryRun, yes } from "./words.ts";

const id: ArgumentSpec = {
  name: "review",
  summary: "the review's id, as R12",
  kind: "text",
  count: "one",
};

const outputs: readonly OptionSpec[] = [
  { flags: "--sarif", summary: "print SARIF 2.1.0", value: { is: "flag" }, isForm: true },
  { flags: "--markdown", summary: "print Markdown", value: { is: "flag" }, isForm: true },
];

export const reviewCommands: readonly CommandSpec[] = [
  {
    name: "review",
    summary:
      "let a panel of models review a change; ends with 20 when it asks for changes, 21 when it is incomplete",
    args: [],
    options: [
      {
        flags: "--base <branch>",
        summary: "what HEAD adds to this branch (default: the default branch)",
        value: { is: "text" },
      },
      { flags: "--range <range>", summary: "A..B or A...B", value: { is: "text" } },
      {
        flags: "--patch <file>",
        summary: "a unified diff",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--worktree",
        summary: "the files as they are against HEAD",
        value: { is: "flag" },
      },
      {
        flags: "--preset <preset>",
        summary: "critical, balanced, fast or quick",
        value: { is: "choice", of: ["critical", "balanced", "fast", "quick"] },
      },
      {
        flags: "--budget-usd <amount>",
        summary: "what it may cost at most, as 0.50",
        value: { is: "text" },
      },
      {
        flags: "--estimate",
        summary: "say what it would cost at most, and ask nobody",
        value: { is: "flag" },
      },
      {
        flags: "--record <file>",
        summary: "keep every answer of this review in a new file",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--replay <file>",
        summary: "review with the answers of such a file; nobody is asked, and it costs nothing",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--fresh",
        summary: "ask every model anew, also where the answers to the same review are kept",
        value: { is: "flag" },
      },
      {
        flags: "--verify <command>",
        summary:
          "run this shell command, without a sandbox, on a copy of the head for each finding; its end outranks the votes",
        value: { is: "text" },
      },
      {
        flags: "--verify-seconds <seconds>",
        summary: "how long one such run may take (default: 120)",
        value: { is: "number", min: 1, max: 3_600 },
      },
      ...outputs,
    ],
    load: async () => (await import("../commands/review.ts")).review,
  },
  {
    name: "review list",
    summary: "list the last reviews",
    args: [],
    options: [],
    load: async () => (await import("../commands/reviews.ts")).listReviews,
  },
  {
    name: "review show",
    summary:
      "show a review with who disagrees, and what was not confirmed; `--json` has every ballot",
    args: [id],
    options: outputs,
    load: async () => (await import("../commands/reviews.ts")).showReview,
  },
  {
    name: "review retally",
    summary: "count a review's ballots again at another threshold; nobody is asked",
    args: [id],
    options: [
      {
        flags: "--threshold <percent>",
        summary: "support that each finding needs, from 0 to 100 (default: as the review had it)",
        value: { is: "number", min: 0, max: 100 },
      },
      ...outputs,
    ],
    load: async () => (await import("../commands/reviews.ts")).retallyReview,
  },
  {
    name: "review outcome",
    summary: "say what became of a finding, so that the votes' weights learn from it",
    args: [
      id,
      { name: "finding", summary: "as F1", kind: "text", count: "one" },
      { name: "outcome", summary: "resolved or dismissed", kind: "text", count: "one" },
    ],
    options: [],
    load: async () => (await import("../commands/reviews.ts")).decideFinding,
  },
  {
    name: "review weights",
    summary: "show what was learned of each model",
    args: [],
    options: [
      { flags: "--reset", summary: "forget it; the outcomes stay", value: { is: "flag" } },
      yes,
      dryRun,
    ],
    load: async () => (await import("../commands/reviews.ts")).reviewWeights,
  },
];
