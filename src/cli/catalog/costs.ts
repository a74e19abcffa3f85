import type { CommandSpec } from "../command.ts";

export const costCommands: readonly CommandSpec[] = [
  {
    name: "cost",
    summary: "show what was spent, by task or otherwise, and what the budgets hold",
    args: [],
    options: [
      {
        flags: "--by <kind>",
        summary:
          "task, model, session, plan, pr, issue, run, day or outcome: resolved issues and merged pull requests (default task)",
        value: {
          is: "choice",
          of: ["task", "model", "session", "plan", "pr", "issue", "run", "day", "outcome"],
        },
      },
      {
        flags: "--since <time>",
        summary: "a day as 2026-11-01, or how long ago as 24h, 7d or 4w (default: everything)",
        value: { is: "text" },
      },
      {
        flags: "--csv",
        summary: "print comma-separated values",
        value: { is: "flag" },
        isForm: true,
      },
    ],
    load: async () => (await import("../commands/cost.ts")).cost,
  },
  {
    name: "usage import",
    summary:
      "count what Claude Code and Codex wrote down that models used here, each answer once; without files, look for their records",
    args: [
      { name: "files", summary: "records, as written by the hosts", kind: "file", count: "any" },
    ],
    options: [
      {
        flags: "--since <time>",
        summary: "look for records written since then, as 2026-11-01 or 7d (default 30d)",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/usage.ts")).importUsageFiles,
  },
];
