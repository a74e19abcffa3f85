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
