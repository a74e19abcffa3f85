import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverSent } from "./host.ts";
import type { Ground, Host, Move } from "./host.ts";

/** Codex, with a model that speaks the Responses protocol. */
export const codex: Host = {
  name: "codex",
  packageSpec: "@openai/codex@0.169.0",
  program: "codex",
  isHasty: true,
  briefs: true,
  holdsBack: true,
  runsGitHooks: true,
  configure: (ground) => {
    mkdirSync(folderOf(ground), { recursive: true });
    writeFileSync(join(folderOf(ground), "config.toml"), configOf(ground));
  },
  command: (ground) => ({
    args: [
      "exec",
      "--json",
      // Stands for the person who opens `/hooks` once and trusts what init wrote.
      "--dangerously-bypass-hook-trust",
      "-C",
      ground.worktree,
      "go",
    ],
    env: { CODEX_HOME: folderOf(ground), SCRIPTED_KEY: "none" },
  }),
  isTurn: (url) => url.includes("/responses"),
  besides: () => null,
  reply: (move, turn) => {
    const id = `r${String(turn)}`;
    const usage = { input_tokens: 10, output_tokens: 10, total_tokens: 20 };
    return serverSent(
      [
        { type: "response.created", response: { id } },
        { type: "response.output_item.done", output_index: 0, item: itemOf(move, turn) },
        { type: "response.completed", response: { id, usage } },
      ].map((data) => ({ name: data.type, data })),
    );
  },
};

function folderOf({ home }: Ground): string {
  return join(home, ".codex");
}

function configOf({ port, worktree, main }: Ground): string {
  return `model = "gpt-5.5"
model_provider = "loopback"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.loopback]
name = "loopback"
base_url = "http://127.0.0.1:${String(port)}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
request_max_retries = 0
stream_max_retries = 0
[projects.${JSON.stringify(worktree)}]
trust_level = "trusted"
[projects.${JSON.stringify(main)}]
trust_level = "trusted"
`;
}

function itemOf(move: Move, turn: number): unknown {
  const ids = { id: `i${String(turn)}`, call_id: `c${String(turn)}` };
  switch (move.kind) {
    case "skein":
      return {
        type: "function_call",
        ...ids,
        namespace: "mcp__skein",
        name: move.tool,
        arguments: JSON.stringify(move.input),
      };
    case "edit":
      return { type: "custom_tool_call", ...ids, name: "apply_patch", input: patchOf(move) };
    case "shell":
      return {
        type: "function_call",
        ...ids,
        name: "exec_command",
        arguments: JSON.stringify({ cmd: move.command }),
      };
    case "say":
      return {
        type: "message",
        role: "assistant",
        id: ids.id,
        content: [{ type: "output_text", text: move.text }],
      };
    default:
      return move satisfies never;
  }
}

function patchOf({ path, from, to }: Extract<Move, { kind: "edit" }>): string {
  const change =
    from === null ? [`*** Add File: ${path}`] : [`*** Update File: ${path}`, "@@", `-${from}`];
  return ["*** Begin Patch", ...change, `+${to}`, "*** End Patch"].join("\n");
}
