import type { CommandSpec, OptionSpec } from "../command.ts";
import { yes } from "./words.ts";

const publicKey: OptionSpec = {
  flags: "--public-key <file>",
  summary: "a public key, in base64 or PEM, whose anchors count as well",
  value: { is: "text", kind: "file" },
};

const text = { is: "text" } as const;

export const auditCommands: readonly CommandSpec[] = [
  {
    name: "audit verify",
    summary: "check the log's chain and hold it against its anchors; ends with 1 when one differs",
    args: [],
    options: [publicKey],
    load: async () => (await import("../commands/audit.ts")).verifyAudit,
  },
  {
    name: "audit export",
    summary: "write who did what, when, through which session and why, one event a line",
    args: [
      {
        name: "file",
        summary: "a new file, or - for standard output",
        kind: "file",
        count: "optional",
      },
    ],
    options: [
      {
        flags: "--since <time>",
        summary: "from a day as 2026-11-01, a time as 2026-11-01T12:00:00Z, or 7d ago",
        value: text,
      },
      { flags: "--until <time>", summary: "before a time, told as for --since", value: text },
      {
        flags: "--actor <actor>",
        summary: "only of one, as session:s7 or person:ana",
        value: text,
      },
      {
        flags: "--principal <id>",
        summary: "only what one asked a server for, as token:t3",
        value: text,
      },
      {
        flags: "--kind <kind>",
        summary: "only this kind, as task.claimed, or its noun, as task",
        value: text,
      },
      yes,
    ],
    load: async () => (await import("../commands/audit.ts")).exportAudit,
  },
  {
    name: "audit anchor",
    summary: "sign the log's head and put it away outside of the store, at most once a day",
    args: [],
    options: [
      {
        flags: "--push",
        summary: "push the tags to the remote of the repository as well",
        value: { is: "flag" },
      },
    ],
    load: async () => (await import("../commands/audit.ts")).anchorAudit,
  },
];
