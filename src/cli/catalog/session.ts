import type { CommandSpec } from "../command.ts";
import { dryRun, onePlan, reason, yes } from "./words.ts";

const paths = {
  name: "path",
  summary: "a path, a folder or a glob",
  kind: "file",
  count: "many",
} as const;

const limit = {
  flags: "--limit <count>",
  summary: "at most so many (default 50)",
  value: { is: "number", min: 1, max: 10_000 },
} as const;

export const sessionCommands: readonly CommandSpec[] = [
  {
    name: "lease list",
    summary: "list live leases",
    args: [],
    options: [
      {
        flags: "--session <session>",
        summary: "only those of this session",
        value: { is: "text", kind: "session" },
      },
      onePlan,
    ],
    load: async () => (await import("../commands/lease.ts")).listLeases,
  },
  {
    name: "lease take",
    summary: "hold paths, all or none",
    args: [paths],
    options: [
      {
        flags: "--minutes <count>",
        summary: "how long after your last call (default 30)",
        value: { is: "number", min: 1, max: 480 },
      },
      {
        flags: "--mode <mode>",
        summary: "exclusive (default) or shared",
        value: { is: "choice", of: ["exclusive", "shared"] },
      },
      reason,
      {
        flags: "--wait <seconds>",
        summary: "wait in the queue at most so long",
        value: { is: "number", min: 0, max: 45 },
      },
    ],
    load: async () => (await import("../commands/lease.ts")).takeLease,
  },
  {
    name: "lease release",
    summary: "give leases back; one of another session needs --force and a reason",
    args: [
      { name: "lease", summary: "as L12; left out: all of yours", kind: "lease", count: "any" },
    ],
    options: [
      { flags: "--force", summary: "end another session's lease", value: { is: "flag" } },
      reason,
      yes,
      dryRun,
    ],
    load: async () => (await import("../commands/lease.ts")).releaseLease,
  },
  {
    name: "lease check",
    summary: "say who holds paths; ends with 5 when another session does",
    args: [paths],
    options: [],
    load: async () => (await import("../commands/lease-check.ts")).checkPaths,
  },
  {
    name: "session list",
    summary: "list sessions and what they do",
    args: [],
    options: [{ flags: "--all", summary: "also those that have ended", value: { is: "flag" } }],
    load: async () => (await import("../commands/session.ts")).listSessions,
  },
  {
    name: "session revoke",
    summary: "end a session; its tasks and paths come back",
    args: [{ name: "session", summary: "its id or name, as s3", kind: "session", count: "one" }],
    options: [reason, yes, dryRun],
    load: async () => (await import("../commands/session.ts")).revokeSession,
  },
  {
    name: "message send",
    summary: "send a text to a session, a role or all",
    args: [
      { name: "text", summary: "the text, or - for standard input", kind: "text", count: "one" },
    ],
    options: [
      {
        flags: "--to <audience>",
        summary: "s3, a session's name, role:reviewer or all (default)",
        value: { is: "text", kind: "session" },
      },
      {
        flags: "--thread <message>",
        summary: "a message to answer, as M4",
        value: { is: "text" },
      },
      {
        flags: "--minutes <count>",
        summary: "forget it when unread after so long",
        value: { is: "number", min: 1, max: 100_000 },
      },
    ],
    load: async () => (await import("../commands/message.ts")).sendMessage,
  },
  {
    name: "message list",
    summary: "list messages, the newest last",
    args: [],
    options: [limit],
    load: async () => (await import("../commands/message.ts")).listMessages,
  },
  {
    name: "approve",
    summary: "answer a question of an agent; without an id, list the open ones",
    args: [{ name: "question", summary: "its id, as A3", kind: "approval", count: "optional" }],
    options: [
      { flags: "--answer <text>", summary: "the answer", value: { is: "text" } },
      { flags: "--extend", summary: "put its deadline off once", value: { is: "flag" } },
      dryRun,
    ],
    load: async () => (await import("../commands/approve.ts")).approve,
  },
];
