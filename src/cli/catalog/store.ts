import type { CommandSpec } from "../command.ts";
import { dryRun, yes } from "./words.ts";

export const storeCommands: readonly CommandSpec[] = [
  {
    name: "verify",
    summary: "check the log's hash chain and every invariant; ends with 1 when one is broken",
    args: [],
    options: [],
    load: async () => (await import("../commands/verify.ts")).verify,
  },
  {
    name: "export",
    summary: "write the whole state as JSON",
    args: [
      {
        name: "file",
        summary: "a new file, or - for standard output",
        kind: "file",
        count: "optional",
      },
    ],
    options: [yes],
    load: async () => (await import("../commands/state.ts")).exportState,
  },
  {
    name: "import",
    summary: "restore an export into a repository that has no state yet",
    args: [
      { name: "file", summary: "the file, or - for standard input", kind: "file", count: "one" },
    ],
    options: [
      dryRun,
      {
        flags: "--create",
        summary: "make the project in the database when it is not there",
        value: { is: "flag" },
      },
    ],
    load: async () => (await import("../commands/state.ts")).importState,
  },
  {
    name: "maintain",
    summary: "expire, archive after 90 days, forget metrics after 30, back up and tidy",
    args: [],
    options: [
      {
        flags: "--backup <file>",
        summary: "write a copy into a new file",
        value: { is: "text", kind: "file" },
      },
      { flags: "--vacuum", summary: "give unused pages back", value: { is: "flag" } },
      {
        flags: "--days <count>",
        summary: "archive what ended longer ago than this (default: audit.retention_days, else 90)",
        value: { is: "number", min: 1, max: 36_500 },
      },
    ],
    load: async () => (await import("../commands/maintain.ts")).maintain,
  },
  {
    name: "explain",
    summary: "explain an error code; without one, list all",
    args: [{ name: "code", summary: "as SKN-4401", kind: "code", count: "optional" }],
    options: [],
    load: async () => (await import("../commands/explain.ts")).explain,
  },
  {
    name: "completion",
    summary: "print a completion script for a shell",
    args: [{ name: "shell", summary: "bash, zsh, fish or powershell", kind: "text", count: "one" }],
    options: [],
    load: async () => (await import("../commands/completion.ts")).completion,
  },
  {
    name: "complete",
    summary: "answer a shell that completes a word",
    args: [{ name: "word", summary: "the words so far", kind: "text", count: "any" }],
    options: [],
    isHidden: true,
    isRaw: true,
    load: async () => (await import("../commands/complete.ts")).complete,
  },
  {
    name: "bench",
    summary: "measure claims, leases and messages on this machine, in a store of its own",
    args: [],
    options: [
      {
        flags: "--seconds <count>",
        summary: "how long each part runs (default 1)",
        value: { is: "number", min: 1, max: 60 },
      },
    ],
    load: async () => (await import("../commands/bench.ts")).bench,
  },
];
