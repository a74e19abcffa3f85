import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverSent } from "./host.ts";
import type { Host, Move } from "./host.ts";

/** opencode, with a model that speaks the Chat Completions protocol. */
export const opencode: Host = {
  name: "opencode",
  packageSpec: "opencode-ai@1.18.33",
  program: "opencode",
  isHasty: false,
  briefs: false,
  holdsBack: false,
  runsGitHooks: true,
  configure: ({ home, port }) => {
    mkdirSync(home, { recursive: true });
    const options = { baseURL: `http://127.0.0.1:${String(port)}/v1`, apiKey: "none" };
    const provider = {
      loopback: {
        npm: "@ai-sdk/openai-compatible",
        options,
        models: { scripted: { tool_call: true } },
      },
    };
    writeFileSync(join(home, "opencode.json"), JSON.stringify({ provider, share: "disabled" }));
  },
  command: ({ home, worktree }) => ({
    args: [
      "run",
      "--format",
      "json",
      "--auto",
      "--dir",
      worktree,
      "--model",
      "loopback/scripted",
      "go",
    ],
    env: {
      OPENCODE_CONFIG: join(home, "opencode.json"),
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_AUTOUPDATE: "1",
    },
  }),
  isTurn: (url, body) => url.includes("/chat/completions") && body.includes('"tools":['),
  besides: (url) =>
    url.includes("/chat/completions") ? chunks({ content: "A title" }, "stop") : null,
  reply: (move, turn) =>
    move.kind === "say"
      ? chunks({ content: move.text }, "stop")
      : chunks(
          { tool_calls: [{ index: 0, id: `c${String(turn)}`, ...callOf(move) }] },
          "tool_calls",
        ),
};

function chunks(delta: object, reason: string): ReturnType<typeof serverSent> {
  const events = [
    chunk({ delta: { role: "assistant", ...delta }, finish_reason: null }),
    chunk({ delta: {}, finish_reason: reason }),
    "[DONE]",
  ];
  return serverSent(events.map((data) => ({ name: null, data })));
}

function chunk(choice: object): unknown {
  return {
    id: "r",
    object: "chat.completion.chunk",
    created: 1,
    model: "scripted",
    choices: [{ index: 0, ...choice }],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  };
}

function callOf(move: Exclude<Move, { kind: "say" }>): object {
  switch (move.kind) {
    case "skein":
      return functionOf(`skein_${move.tool}`, move.input);
    case "edit":
      return move.from === null
        ? functionOf("write", { filePath: move.path, content: `${move.to}\n` })
        : functionOf("edit", { filePath: move.path, oldString: move.from, newString: move.to });
    case "shell":
      return functionOf("bash", { command: move.command, description: "As the story says" });
    default:
      return move satisfies never;
  }
}

function functionOf(name: string, input: object): object {
  return { type: "function", function: { name, arguments: JSON.stringify(input) } };
}
