import { roles } from "../../core/access/index.ts";
import type { CommandSpec } from "../command.ts";
import { dryRun, yes } from "./words.ts";

export const tokenCommands: readonly CommandSpec[] = [
  {
    name: "token create",
    summary: "make a token with which an agent or a person calls a server; it is shown once",
    args: [],
    options: [
      {
        flags: "--role <role>",
        summary: "viewer, agent (default), reviewer, manager or admin",
        value: { is: "choice", of: roles },
      },
      {
        flags: "--name <name>",
        summary: "whose it is, for people (default: its role and id)",
        value: { is: "text" },
      },
      {
        flags: "--expires <time>",
        summary: "how long it is good, as 12h, 30d (default) or 52w",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/token.ts")).createToken,
  },
  {
    name: "token list",
    summary: "list tokens, what they may do and when they were used last",
    args: [],
    options: [{ flags: "--all", summary: "also those that have ended", value: { is: "flag" } }],
    load: async () => (await import("../commands/token.ts")).listTokens,
  },
  {
    name: "token revoke",
    summary: "take a token back at once",
    args: [{ name: "token", summary: "its id, as t3", kind: "token", count: "one" }],
    options: [yes, dryRun],
    load: async () => (await import("../commands/token.ts")).revokeToken,
  },
];
