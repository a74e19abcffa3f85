import type { CommandSpec } from "../command.ts";

export const configCommands: readonly CommandSpec[] = [
  {
    name: "config explain",
    summary: "show every setting's value and where it comes from; secrets only by where they are",
    args: [
      {
        name: "setting",
        summary: "only this setting or section, as leases.minutes or review",
        kind: "setting",
        count: "optional",
      },
    ],
    options: [],
    load: async () => (await import("../commands/config-explain.ts")).explainConfig,
  },
];
