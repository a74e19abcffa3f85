import type { CommandSpec } from "../command.ts";

export const rulesCommands: readonly CommandSpec[] = [
  {
    name: "rules explain",
    summary:
      "judge a branch by the rules, offline; ends with 5 when others hold its files, with 9 when it is not allowed",
    args: [
      {
        name: "range",
        summary:
          "a branch, BASE..HEAD, or the number of a pull request that was fetched (default: what is checked out, against the default branch)",
        kind: "text",
        count: "optional",
      },
    ],
    options: [
      {
        flags: "--ledger",
        summary: "by the published ledger, and not by this clone's own leases",
        value: { is: "flag" },
      },
      { flags: "--markdown", summary: "print Markdown", value: { is: "flag" }, isForm: true },
    ],
    load: async () => (await import("../commands/rules-explain.ts")).explainRules,
  },
];
