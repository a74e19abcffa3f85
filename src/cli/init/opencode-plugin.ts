import type { Command } from "./launch.ts";

/** The plugin that lets opencode ask Skein, as `.opencode/plugin/skein.js`. It fails open: a hook that cannot run stops nobody. */
export function opencodePlugin({ command, args }: Command): string {
  return [
    "// Written by `skein init`; `skein init --remove` takes it away.",
    'import { spawn } from "node:child_process";',
    "",
    `const command = ${JSON.stringify(command)};`,
    `const args = ${JSON.stringify(args)};`,
    body,
  ].join("\n");
}

const body = `
function ask(event, directory, call) {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, "opencode", event], {
      cwd: directory,
      stdio: ["pipe", "pipe", "ignore"],
      timeout: 10000,
    });
    let text = "";
    child.stdout.on("data", (part) => (text += part));
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve({}));
    child.on("close", () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        resolve({});
      }
    });
    child.stdin.end(JSON.stringify({ ...call, cwd: directory }));
  });
}

export const Skein = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const call = { session_id: input.sessionID, tool_name: input.tool, tool_input: output.args };
    if (["edit", "write", "patch", "multiedit", "apply_patch"].includes(input.tool)) {
      const answer = await ask("pre-edit", directory, call);
      if (answer.kind === "deny") {
        throw new Error(answer.reason);
      }
    } else if (input.tool.startsWith("skein_")) {
      const answer = await ask("pre-skein", directory, call);
      if (answer.kind === "input") {
        // opencode runs the tool with the object it gave, not with another one in its place.
        Object.assign(output.args, answer.input);
      }
    }
  },
  "tool.execute.after": async (input, output) => {
    if (input.tool === "bash") {
      const call = { session_id: input.sessionID, tool_name: input.tool, tool_input: {} };
      const answer = await ask("post-shell", directory, call);
      if (answer.kind === "context") {
        output.output = \`\${output.output}\\n\${answer.text}\`;
      }
    }
  },
});
`;
