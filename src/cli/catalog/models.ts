import type { CommandSpec } from "../command.ts";

export const modelCommands: readonly CommandSpec[] = [
  {
    name: "models check",
    summary: "call each configured model once: latency, rate limit, price, and what is wrong",
    args: [],
    options: [],
    load: async () => (await import("../commands/models.ts")).checkModels,
  },
];
