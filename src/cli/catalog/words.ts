import type { ArgumentSpec, OptionSpec } from "../command.ts";

export const yes: OptionSpec = { flags: "--yes", summary: "do not ask", value: { is: "flag" } };

export const dryRun: OptionSpec = {
  flags: "--dry-run",
  summary: "say what would happen and change nothing",
  value: { is: "flag" },
};

export const reason: OptionSpec = {
  flags: "--reason <text>",
  summary: "why; it is kept in the log",
  value: { is: "text" },
};

export const onePlan: OptionSpec = {
  flags: "--plan <plan>",
  summary: "only this plan",
  value: { is: "text", kind: "plan" },
};

export const method: OptionSpec = {
  flags: "--method <method>",
  summary: "rebase or merge",
  value: { is: "choice", of: ["rebase", "merge"] },
};

export const branch: OptionSpec = {
  flags: "--branch <branch>",
  summary: "the integration branch",
  value: { is: "text" },
};

export const plan: ArgumentSpec = {
  name: "plan",
  summary: "the plan's id",
  kind: "plan",
  count: "one",
};

export const task: ArgumentSpec = {
  name: "task",
  summary: "as T1 or PLAN/T1",
  kind: "task",
  count: "one",
};
