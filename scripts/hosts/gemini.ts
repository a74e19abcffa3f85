import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverSent } from "./host.ts";
import type { Host, Move } from "./host.ts";

/** Gemini's command line, with a model that speaks its own protocol. */
export const gemini: Host = {
  name: "gemini",
  packageSpec: "@google/gemini-cli@0.61.0",
  program: "gemini",
  isHasty: false,
  briefs: true,
  holdsBack: true,
  // It empties `core.hooksPath` in the environment of its shell.
  runsGitHooks: false,
  configure: ({ home, worktree, main }) => {
    mkdirSync(join(home, ".gemini"), { recursive: true });
    writeFileSync(
      join(home, ".gemini", "settings.json"),
      JSON.stringify({
        security: { auth: { selectedType: "gemini-api-key" } },
        telemetry: { enabled: false },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    );
    // Stands for the person who is asked once whether the folder is trusted: without it the repository's settings are not read.
    writeFileSync(
      join(home, ".gemini", "trustedFolders.json"),
      JSON.stringify({ [worktree]: "TRUST_FOLDER", [main]: "TRUST_FOLDER" }),
    );
  },
  command: ({ port }) => ({
    args: [
      "-m",
      "gemini-2.5-flash",
      "-p",
      "go",
      "--output-format",
      "stream-json",
      "--approval-mode",
      "yolo",
    ],
    env: {
      GEMINI_API_KEY: "none",
      GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${String(port)}`,
      GEMINI_CLI_NO_RELAUNCH: "1",
    },
  }),
  isTurn: (url) => url.includes(":streamGenerateContent"),
  besides: (url) =>
    url.includes(":generateContent")
      ? { type: "application/json", body: JSON.stringify(chunkOf({ text: "{}" })) }
      : url.includes(":countTokens")
        ? { type: "application/json", body: '{"totalTokens":10}' }
        : null,
  reply: (move) => serverSent([{ name: null, data: chunkOf(partOf(move)) }]),
};

function chunkOf(part: unknown): unknown {
  return {
    candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
  };
}

function partOf(move: Move): unknown {
  switch (move.kind) {
    case "skein":
      return { functionCall: { name: `mcp_skein_${move.tool}`, args: move.input } };
    case "edit":
      return {
        functionCall: {
          name: "write_file",
          args: { file_path: move.path, content: `${move.to}\n` },
        },
      };
    case "shell":
      return { functionCall: { name: "run_shell_command", args: { command: move.command } } };
    case "say":
      return { text: move.text };
    default:
      return move satisfies never;
  }
}
