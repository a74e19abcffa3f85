import type { Host } from "../../../src/mcp/hooks/payload.ts";

/** A call as one host writes it for one of its editing tools. */
export interface EditPayload {
  readonly name: string;
  readonly host: Host;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What it is about to write. */
  readonly paths: readonly string[];
}

const session = "0190f7a2-3c5e-7d11-a1b2-9f8e7d6c5b4a";

/** The fields that every call of a host carries. */
function around(event: string, rest: Readonly<Record<string, unknown>>) {
  return {
    session_id: session,
    transcript_path: "/home/dev/transcript.jsonl",
    cwd: "/repo",
    hook_event_name: event,
    ...rest,
  };
}

/** The shapes that hosts send before their tools write files. */
export const editPayloads: readonly EditPayload[] = [
  {
    name: "Claude Code, Edit",
    host: "claude",
    payload: around("PreToolUse", {
      permission_mode: "default",
      tool_name: "Edit",
      tool_use_id: "toolu_01",
      tool_input: {
        file_path: "/repo/src/a.ts",
        old_string: "*** Begin Patch",
        new_string: "*** Update File: x",
      },
    }),
    paths: ["/repo/src/a.ts"],
  },
  {
    name: "Claude Code, Write by a subagent",
    host: "claude",
    payload: around("PreToolUse", {
      agent_id: "a41f",
      agent_type: "Explore",
      tool_name: "Write",
      tool_input: { file_path: "/repo/src/new file.ts", content: "x" },
    }),
    paths: ["/repo/src/new file.ts"],
  },
  {
    name: "Claude Code, MultiEdit",
    host: "claude",
    payload: around("PreToolUse", {
      tool_name: "MultiEdit",
      tool_input: { file_path: "/repo/a.ts", edits: [{ old_string: "a", new_string: "b" }] },
    }),
    paths: ["/repo/a.ts"],
  },
  {
    name: "Claude Code, NotebookEdit",
    host: "claude",
    payload: around("PreToolUse", {
      tool_name: "NotebookEdit",
      tool_input: { notebook_path: "/repo/n.ipynb", cell_id: "1", new_source: "x" },
    }),
    paths: ["/repo/n.ipynb"],
  },
  {
    name: "Codex, apply_patch",
    host: "codex",
    payload: around("PreToolUse", {
      turn_id: "t1",
      model: "gpt-5.5",
      tool_name: "apply_patch",
      tool_use_id: "call_1",
      tool_input: {
        command: [
          "*** Begin Patch",
          "*** Add File: src/new.ts",
          "+export {};",
          "*** Update File: src/old.ts",
          "*** Move to: src/moved.ts",
          "@@",
          "-a",
          "+b",
          "*** Delete File: src/gone.ts",
          "*** End Patch",
        ].join("\n"),
      },
    }),
    paths: ["src/new.ts", "src/old.ts", "src/moved.ts", "src/gone.ts"],
  },
  {
    name: "Codex, apply_patch through the shell",
    host: "codex",
    payload: around("PreToolUse", {
      tool_name: "Bash",
      tool_input: {
        command:
          "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: b.ts\n@@\n-a\n+b\n*** End Patch\nEOF",
      },
    }),
    paths: ["b.ts"],
  },
  {
    name: "Gemini, write_file",
    host: "gemini",
    payload: around("BeforeTool", {
      timestamp: "2026-11-20T12:00:00.000Z",
      tool_name: "write_file",
      tool_input: { file_path: "/repo/src/a.ts", content: "x" },
    }),
    paths: ["/repo/src/a.ts"],
  },
  {
    name: "Gemini, replace",
    host: "gemini",
    payload: around("BeforeTool", {
      tool_name: "replace",
      tool_input: { file_path: "src/b.ts", old_string: "a", new_string: "b", instruction: "c" },
    }),
    paths: ["src/b.ts"],
  },
  {
    name: "opencode, edit",
    host: "opencode",
    payload: around("tool.execute.before", {
      tool_name: "edit",
      tool_input: { filePath: "/repo/src/a.ts", oldString: "a", newString: "b" },
    }),
    paths: ["/repo/src/a.ts"],
  },
  {
    name: "opencode, patch",
    host: "opencode",
    payload: around("tool.execute.before", {
      tool_name: "patch",
      tool_input: { patchText: "*** Begin Patch\n*** Delete File: c.ts\n*** End Patch" },
    }),
    paths: ["c.ts"],
  },
  {
    name: "VS Code, several files",
    host: "claude",
    payload: around("PreToolUse", {
      tool_name: "editFiles",
      tool_input: { files: ["src/a.ts", "src/b.ts"] },
    }),
    paths: ["src/a.ts", "src/b.ts"],
  },
];
