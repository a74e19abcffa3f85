import type { CommandSpec } from "../command.ts";

export const botCommands: readonly CommandSpec[] = [
  {
    name: "bot",
    summary:
      "run Skein as a GitHub App: takes webhooks, works on them, and looks for what was missed",
    args: [],
    options: [
      {
        flags: "--app-id <id>",
        summary: "the App's id",
        value: { is: "number", min: 1, max: 9_007_199_254_740_991 },
      },
      {
        flags: "--private-key <reference>",
        summary: "where the App's key is: file:/path/key.pem, env:NAME or cmd:PROGRAM",
        value: { is: "text" },
      },
      {
        flags: "--webhook-secret <reference>",
        summary: "where the webhook secret is: file:/path, env:NAME or cmd:PROGRAM",
        value: { is: "text" },
      },
      {
        flags: "--next-webhook-secret <reference>",
        summary: "a second secret, while the first is replaced",
        value: { is: "text" },
      },
      {
        flags: "--host <host>",
        summary: "where to listen (default 127.0.0.1)",
        value: { is: "text" },
      },
      {
        flags: "--port <port>",
        summary: "the port (default 3000)",
        value: { is: "number", min: 0, max: 65_535 },
      },
      {
        flags: "--data <folder>",
        summary: "where deliveries are kept (default ~/.skein-bot)",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--public-url <address>",
        summary: "where GitHub reaches it, as https://bot.example",
        value: { is: "text" },
      },
      {
        flags: "--github-url <address>",
        summary: "an Enterprise server (default https://github.com)",
        value: { is: "text" },
      },
    ],
    load: async () => (await import("../commands/bot.ts")).bot,
  },
];
