import type { CommandSpec } from "../command.ts";
import { dryRun, plan, reason, yes } from "./words.ts";

const format = {
  flags: "--format <format>",
  summary: "yaml, json or markdown",
  value: { is: "choice", of: ["yaml", "json", "markdown"] },
} as const;

export const planCommands: readonly CommandSpec[] = [
  {
    name: "plan import",
    summary: "read a plan from a YAML, JSON or Markdown file; again updates it",
    args: [
      { name: "file", summary: "the file, or - for standard input", kind: "file", count: "one" },
    ],
    options: [dryRun, format],
    load: async () => (await import("../commands/plan-import.ts")).importPlan,
  },
  {
    name: "plan draft",
    summary: "make a plan of a goal, an issue or a specification, to be looked at and approved",
    args: [{ name: "goal", summary: "what is to be true, in words", kind: "text", count: "any" }],
    options: [
      {
        flags: "--issue <file>",
        summary: "a GitHub issue's Markdown, or - for standard input",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--spec <file>",
        summary: "a specification, or - for standard input",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--plan <plan>",
        summary: "the plan's id; default: after the file, or the goal's first words",
        value: { is: "text", kind: "plan" },
      },
      {
        flags: "--by <maker>",
        summary:
          "reader: only the text's own list; model: only a model; default: the list, else a model",
        value: { is: "choice", of: ["auto", "reader", "model"] },
      },
    ],
    load: async () => (await import("../commands/plan-draft.ts")).draftPlan,
  },
  {
    name: "plan approve",
    summary: "take in the plan of a draft, all of it or nothing",
    args: [
      {
        name: "hash",
        summary: "as `plan draft` printed it, at least 8 digits",
        kind: "text",
        count: "one",
      },
    ],
    options: [],
    load: async () => (await import("../commands/plan-draft.ts")).approvePlan,
  },
  {
    name: "plan show",
    summary: "show a plan and how far it is; without a name, all plans",
    args: [{ ...plan, count: "optional" }],
    options: [],
    load: async () => (await import("../commands/plan.ts")).showPlan,
  },
  {
    name: "plan list",
    summary: "list all plans",
    args: [],
    options: [],
    load: async () => (await import("../commands/plan.ts")).listPlans,
  },
  {
    name: "plan export",
    summary: "write a plan as its file would say it",
    args: [plan],
    options: [format],
    load: async () => (await import("../commands/plan-import.ts")).exportPlan,
  },
  {
    name: "plan pause",
    summary: "hand out none of its tasks for now",
    args: [plan],
    options: [reason, dryRun],
    load: async () => (await import("../commands/plan.ts")).pausePlan,
  },
  {
    name: "plan resume",
    summary: "hand out its tasks again",
    args: [plan],
    options: [reason, dryRun],
    load: async () => (await import("../commands/plan.ts")).resumePlan,
  },
  {
    name: "plan cancel",
    summary: "cancel all of its tasks that have not ended",
    args: [plan],
    options: [reason, yes, dryRun],
    load: async () => (await import("../commands/plan.ts")).cancelPlan,
  },
];
