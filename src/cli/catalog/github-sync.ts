import type { CommandSpec } from "../command.ts";
import { dryRun } from "./words.ts";

export const githubSyncCommands: readonly CommandSpec[] = [
  {
    name: "github sync",
    summary: "bring child issues and the tasks of their plans to say the same, both ways",
    args: [],
    options: [
      {
        flags: "--issue <number>",
        summary: "only the children of this issue; default: all that Skein has split",
        value: { is: "number", min: 1, max: 999_999_999 },
      },
      {
        flags: "--repository <name>",
        summary: "owner/name; default: what the remote origin names",
        value: { is: "text" },
      },
      dryRun,
    ],
    load: async () => (await import("../commands/github-sync.ts")).syncGithub,
  },
];
