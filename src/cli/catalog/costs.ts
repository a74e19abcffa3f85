import type { CommandSpec } from "../command.ts";

export const costCommands: readonly CommandSpec[] = [
  {
    name: "cost",
    summary: "show what was spent, by task or otherwise, and what the budgets hold",
    args: [],
    options: [
      {
        flags: "--by <kind>",
        summary: "task, model, session, plan, pr, issue, run or day (default task)",
        value: {
          is: "choice",
          of: ["task", "model", "session", "plan", "pr", "issue", "run", "day"],
        },
      },
      {
        flags: "--since <time>",
        summary: "a day as 2026-11-01, or how long ago as 24h, 7d or 4w (default: everything)",
        value: { is: "text" },
      },
      { flags: "--csv", summary: "print comma-separated values", value: { is: "flag" } },
    ],
    load: async () => (await import("../commands/cost.ts")).cost,
  },
];
