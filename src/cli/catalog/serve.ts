import type { CommandSpec } from "../command.ts";

export const serveCommands: readonly CommandSpec[] = [
  {
    name: "serve",
    summary: "serve this project to agents and programs over HTTP until told to stop",
    args: [],
    options: [
      {
        flags: "--port <port>",
        summary: "where to listen (default 7433; 0: any free port)",
        value: { is: "number", min: 0, max: 65_535 },
      },
      {
        flags: "--host <host>",
        summary: "the address to listen at (default 127.0.0.1)",
        value: { is: "text" },
      },
      {
        flags: "--token-file <file>",
        summary: "where this machine's token is kept (default: beside the store)",
        value: { is: "text", kind: "file" },
      },
      {
        flags: "--auth",
        summary: "let `auth` of skein.yml, as committed, say who else may call (SKEIN_AUTH=1)",
        value: { is: "flag" },
      },
      {
        flags: "--log-format <format>",
        summary:
          "the log at standard error: text, or json with a line for each request (default text)",
        value: { is: "choice", of: ["text", "json"] },
      },
    ],
    load: async () => (await import("../commands/serve.ts")).serve,
  },
];
