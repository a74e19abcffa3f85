import { lineOfEndMark } from "../init/marked-block.ts";
import { namesIn } from "../init/toml-entry.ts";
import { trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What Codex knows of a server, so that it may stand below Skein's lines on purpose. */
const ofServer: ReadonlySet<string> = new Set([
  "args",
  "bearer_token_env_var",
  "command",
  "cwd",
  "default_tools_approval_mode",
  "disabled_tools",
  "enabled",
  "enabled_tools",
  "env",
  "env_http_headers",
  "env_vars",
  "http_headers",
  "required",
  "scopes",
  "startup_timeout_ms",
  "startup_timeout_sec",
  "supports_parallel_tool_calls",
  "tool_timeout_sec",
  "tools",
  "url",
]);

/** Settings that somebody wrote below Skein's lines, where they are of the table above and no longer of the file. */
export function examineStrays(label: string, text: string): readonly Finding[] {
  const end = lineOfEndMark(text);
  const [first] =
    end === null
      ? []
      : namesIn(text).filter(
          ({ path: [parent, name, key = ""], line }) =>
            line > end && parent === "mcp_servers" && name === "skein" && isStray(key),
        );
  return first === undefined
    ? []
    : [
        trouble("warn", "agent-stray", {
          what: `${label}, line ${String(first.line)}: \`${first.path.slice(2).join(".")}\` stands below Skein's lines, and so belongs to the server \`skein\`.`,
          why: "Without a table's head of its own it is no setting of Codex, which may refuse the whole server for it.",
          fix: "Move it, and what follows it up to the next `[table]`, to the top of the file.",
        }),
      ];
}

function isStray(key: string): boolean {
  return key !== "" && !ofServer.has(key);
}
