import type { CommandSpec } from "../command.ts";

export const modelCommands: readonly CommandSpec[] = [
  {
    name: "models check",
    summary: "call each configured model once: latency, rate limit, price, and what is wrong",
    args: [],
    options: [],
    load: async () => (await import("../commands/models.ts")).checkModels,
  },
  {
    name: "models trust",
    summary:
      "agree, as a person, to the providers of this repository that send keys to an address of their own or run a program",
    args: [],
    options: [
      { flags: "--revoke", summary: "take back what was agreed to here", value: { is: "flag" } },
    ],
    load: async () => (await import("../commands/models-trust.ts")).trustModels,
  },
];
