import type { CommandSpec } from "../command.ts";
import { dryRun, yes } from "./words.ts";

export const repositoryCommands: readonly CommandSpec[] = [
  {
    name: "init",
    summary: "set Skein up in this repository: agents, hooks and the store",
    args: [],
    options: [
      yes,
      dryRun,
      { flags: "--remove", summary: "take back what init did", value: { is: "flag" } },
      {
        flags: "--portable",
        summary: "write commands that work on every machine",
        value: { is: "flag" },
      },
      {
        flags: "--agents <names>",
        summary: "claude,codex,gemini,opencode,cursor,vscode (default: those found)",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/init.ts")).init,
  },
  {
    name: "doctor",
    summary: "find out what is wrong with this set-up and how to mend it",
    args: [],
    options: [
      { flags: "--fix", summary: "mend what can be mended without asking", value: { is: "flag" } },
      {
        flags: "--app-id <id>",
        summary: "look at the webhook of this GitHub App, too; with --private-key",
        value: { is: "number", min: 1, max: 9_007_199_254_740_991 },
      },
      {
        flags: "--private-key <reference>",
        summary: "where the App's key is: file:/path/key.pem, env:NAME or cmd:PROGRAM",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/doctor.ts")).doctor,
  },
  {
    name: "demo",
    summary: "work through one plan twice, without and with Skein, with real agents on a copy",
    args: [],
    options: [
      {
        flags: "--repo <folder>",
        summary: "the repository to copy (default: the one you stand in, else a bundled sample)",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--plan <file>",
        summary: "the plan to work through",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--agents <count>",
        summary: "how many agents work at once (default 8)",
        value: { is: "number", min: 1, max: 64 },
      },
      {
        flags: "--kills <count>",
        summary: "how many of them are killed in each run (default 3)",
        value: { is: "number", min: 0, max: 64 },
      },
      {
        flags: "--seed <number>",
        summary: "decides who is killed when (default 1)",
        value: { is: "number", min: 0, max: 2_147_483_647 },
      },
      { flags: "--keep", summary: "leave the temporary folder", value: { is: "flag" } },
    ],
    load: async () => (await import("../commands/demo.ts")).demo,
  },
  {
    name: "mcp",
    summary: "serve one agent over standard input and output; hosts start this",
    args: [],
    options: [],
    load: async () => (await import("../commands/mcp.ts")).mcp,
  },
  {
    name: "hook",
    summary: "answer a hook of an agent program; hosts call this",
    args: [{ name: "word", summary: "HOST EVENT", kind: "text", count: "any" }],
    options: [],
    isRaw: true,
    load: async () => (await import("../commands/hook.ts")).hook,
  },
  {
    name: "guard",
    summary: "check a commit or a push; git calls this",
    args: [
      { name: "word", summary: "pre-commit, commit-msg or pre-push", kind: "text", count: "any" },
    ],
    options: [],
    isRaw: true,
    load: async () => (await import("../commands/guard.ts")).guard,
  },
];
