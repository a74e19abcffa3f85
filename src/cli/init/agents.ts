import { commandLine, commandOf } from "./launch.ts";
import type { Launch } from "./launch.ts";
import type { HookEntry, JsonWish } from "./json-host.ts";
import { opencodePlugin } from "./opencode-plugin.ts";

/** The programs that `skein init` configures. */
export const agentNames = ["claude", "codex", "gemini", "opencode", "cursor", "vscode"] as const;

export type AgentName = (typeof agentNames)[number];

export function isAgentName(text: string): text is AgentName {
  return agentNames.some((name) => name === text);
}

/** What Skein wants in one file of an agent program. */
export interface WishedFile {
  /** From the root of the worktree. */
  readonly path: string;
  /** True where the program reads it from the main worktree, whichever worktree it works in. */
  readonly isReadFromMain?: boolean | undefined;
  readonly content:
    | { readonly kind: "json"; readonly wish: JsonWish }
    /** Lines between marks, at the end of a file in which `#` begins a comment. */
    | { readonly kind: "block"; readonly lines: readonly string[] }
    /** A file that is Skein's alone. */
    | { readonly kind: "whole"; readonly text: string };
}

/** How one agent program is recognised and configured. */
export interface Agent {
  readonly title: string;
  /** Any of these in the worktree tells that it is used here. */
  readonly traces: readonly string[];
  /** Its program; found on the PATH it counts as used. Null where that would say little. */
  readonly program: string | null;
  files(launch: Launch): readonly WishedFile[];
  /** What its person has to do by hand afterwards, or null. */
  readonly afterwards: string | null;
}

export const agents: Readonly<Record<AgentName, Agent>> = {
  claude: {
    title: "Claude Code",
    traces: [".claude", "CLAUDE.md", ".mcp.json"],
    program: "claude",
    files: (launch) => [
      jsonFile(".mcp.json", {
        values: [
          {
            path: ["mcpServers", "skein"],
            value: { ...commandOf(launch, ["mcp"]), alwaysLoad: true },
          },
        ],
        hooks: [],
      }),
      jsonFile(".claude/settings.json", { values: [], hooks: claudeHooks(launch) }),
    ],
    afterwards: "Claude Code asks once whether the server `skein` of this project may run.",
  },
  codex: {
    title: "Codex",
    traces: [".codex", "AGENTS.md"],
    program: "codex",
    files: (launch) => [
      {
        path: ".codex/config.toml",
        content: { kind: "block", lines: codexServer(launch) },
      },
      // https://github.com/openai/codex/pull/21969
      {
        ...jsonFile(".codex/hooks.json", { values: [], hooks: codexHooks(launch) }),
        isReadFromMain: true,
      },
    ],
    afterwards: "Codex skips new hooks until you trust them: open `/hooks` in Codex once.",
  },
  gemini: {
    title: "Gemini",
    traces: [".gemini", "GEMINI.md"],
    program: "gemini",
    files: (launch) => [
      jsonFile(".gemini/settings.json", {
        values: [{ path: ["mcpServers", "skein"], value: commandOf(launch, ["mcp"]) }],
        hooks: geminiHooks(launch),
      }),
    ],
    afterwards: null,
  },
  opencode: {
    title: "opencode",
    traces: [".opencode", "opencode.json", "opencode.jsonc"],
    program: "opencode",
    files: (launch) => {
      const { command, args } = commandOf(launch, ["mcp"]);
      const value = { type: "local", command: [command, ...args], enabled: true };
      return [
        jsonFile("opencode.json", {
          values: [{ path: ["mcp", "skein"], value }],
          hooks: [],
        }),
        {
          path: ".opencode/plugin/skein.js",
          content: { kind: "whole", text: opencodePlugin(commandOf(launch, ["hook"])) },
        },
      ];
    },
    afterwards: null,
  },
  cursor: {
    title: "Cursor",
    traces: [".cursor"],
    program: null,
    files: (launch) => [
      jsonFile(".cursor/mcp.json", {
        values: [{ path: ["mcpServers", "skein"], value: commandOf(launch, ["mcp"]) }],
        hooks: [],
      }),
    ],
    afterwards: "Cursor has no edit hook here: its files are checked at commit.",
  },
  vscode: {
    title: "VS Code with Copilot",
    traces: [".vscode", ".github/copilot-instructions.md"],
    program: null,
    files: (launch) => [
      jsonFile(".vscode/mcp.json", {
        values: [
          { path: ["servers", "skein"], value: { type: "stdio", ...commandOf(launch, ["mcp"]) } },
        ],
        hooks: [],
      }),
    ],
    afterwards: null,
  },
};

function jsonFile(path: string, wish: JsonWish): WishedFile {
  return { path, content: { kind: "json", wish } };
}

/** A moment of a host, the tools it is for, and the event that Skein calls it. */
type Moment = readonly [event: string, matcher: string | null, skeinEvent: string];

const claudeEdits = "Edit|Write|MultiEdit|NotebookEdit";
const ownTools = "mcp__skein__.*|mcp__plugin_skein_skein__.*";

/** The moments at which Claude Code asks Skein; the plugin's hooks are the same. */
export const claudeMoments: readonly Moment[] = [
  ["SessionStart", null, "session-start"],
  ["PreToolUse", claudeEdits, "pre-edit"],
  ["PreToolUse", ownTools, "pre-skein"],
  ["PostToolUse", claudeEdits, "post-edit"],
  ["PostToolUse", "Bash", "post-shell"],
  ["Stop", null, "stop"],
  ["SubagentStop", null, "subagent-stop"],
  ["SessionEnd", null, "session-end"],
];

const codexMoments: readonly Moment[] = [
  ["SessionStart", null, "session-start"],
  ["PreToolUse", "apply_patch|Edit|Write", "pre-edit"],
  ["PreToolUse", ownTools, "pre-skein"],
  ["PostToolUse", "apply_patch|Edit|Write", "post-edit"],
  ["PostToolUse", "Bash", "post-shell"],
  ["Stop", null, "stop"],
  ["SubagentStop", null, "subagent-stop"],
];

const geminiMoments: readonly Moment[] = [
  ["SessionStart", null, "session-start"],
  ["BeforeTool", "write_file|replace", "pre-edit"],
  ["BeforeTool", "mcp_skein_.*|skein__.*", "pre-skein"],
  ["AfterTool", "write_file|replace", "post-edit"],
  ["AfterTool", "run_shell_command", "post-shell"],
  ["AfterAgent", null, "stop"],
  ["SessionEnd", null, "session-end"],
];

/** Seconds that a hook may take before its host goes on without it. */
const patienceSeconds = 10;

function claudeHooks(launch: Launch): readonly HookEntry[] {
  return claudeMoments.map(([event, matcher, skeinEvent]) => ({
    event,
    matcher,
    command: commandLine(launch, ["hook", "claude", skeinEvent], "CLAUDE_PROJECT_DIR"),
    timeout: patienceSeconds,
  }));
}

function codexHooks(launch: Launch): readonly HookEntry[] {
  return codexMoments.map(([event, matcher, skeinEvent]) => ({
    event,
    matcher,
    command: commandLine(launch, ["hook", "codex", skeinEvent], null),
    timeout: patienceSeconds,
  }));
}

/** Gemini counts milliseconds. */
function geminiHooks(launch: Launch): readonly HookEntry[] {
  return geminiMoments.map(([event, matcher, skeinEvent]) => ({
    event,
    matcher,
    command: commandLine(launch, ["hook", "gemini", skeinEvent], "GEMINI_PROJECT_DIR"),
    timeout: patienceSeconds * 1_000,
  }));
}

function codexServer(launch: Launch): readonly string[] {
  const { command, args } = commandOf(launch, ["mcp"]);
  return [
    "[mcp_servers.skein]",
    `command = ${JSON.stringify(command)}`,
    `args = ${JSON.stringify(args)}`,
    "tool_timeout_sec = 60",
  ];
}
