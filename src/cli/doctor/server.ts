import { fileURLToPath } from "node:url";
import { reviewedToolsHash, toolsHash } from "../../mcp/tools-hash.ts";
import { checkServer } from "../init/live-check.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { counted } from "../counted.ts";

/** Starts `skein mcp` as a host would, lists its tools and compares their words with the reviewed ones. */
export async function examineServer({ repository, env }: Patient): Promise<readonly Finding[]> {
  const bin = fileURLToPath(new URL("../../../bin/skein.js", import.meta.url));
  let hash = "";
  const check = await checkServer({
    command: { command: process.execPath, args: [bin, "mcp"] },
    cwd: repository.root,
    env,
    onTools: (tools) => {
      hash = toolsHash(tools);
    },
  });
  if (!check.ok) {
    return [
      trouble("fail", "mcp", {
        what: `The MCP server does not answer: ${check.detail}.`,
        why: "No agent can then ask for work or paths.",
        fix: "Run `skein mcp` by hand in this folder to see what it says.",
      }),
    ];
  }
  const { tools, ms } = check;
  return [
    fine(
      "mcp",
      `The MCP server answers in ${String(ms)} ms with ${counted(tools.length, "tool")}.`,
    ),
    hash === reviewedToolsHash
      ? fine("mcp-tools", "Its tools say what was reviewed.")
      : trouble("fail", "mcp-tools", {
          what: "The tools of the MCP server do not say what was reviewed.",
          why: "The installation was changed, or files of two versions are mixed.",
          fix: "Install Skein again.",
        }),
  ];
}
