import type { CommandSpec } from "../command.ts";

export const githubCommands: readonly CommandSpec[] = [
  {
    name: "github publish",
    summary: "write who holds what to refs/skein/ledger, where checks of pull requests read it",
    args: [],
    options: [
      {
        flags: "--remote <remote>",
        summary: "to which remote (default: `github.remote`, else origin)",
        value: { is: "text" },
      },
      {
        flags: "--local",
        summary: "keep it in this clone and push nothing",
        value: { is: "flag" },
      },
    ],
    load: async () => (await import("../commands/github-publish.ts")).publish,
  },
];
