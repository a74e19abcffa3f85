import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { opencodePlugin } from "../../../src/cli/init/opencode-plugin.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-opencode-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Loads the plugin as opencode would, with a program for Skein that prints `said`, and lets a tool run. */
function runTool(tool: string, said: string): string {
  writeFileSync(join(folder, "skein.js"), `process.stdout.write(${JSON.stringify(said)});`);
  const command = { command: process.execPath, args: [join(folder, "skein.js"), "hook"] };
  writeFileSync(join(folder, "plugin.mjs"), opencodePlugin(command));
  writeFileSync(
    join(folder, "host.mjs"),
    `import { Skein } from "./plugin.mjs";
const hooks = await Skein({ directory: ${JSON.stringify(folder)} });
// opencode runs the tool with these arguments, whatever stands in their place afterwards.
const args = { filePath: "a.ts" };
const output = { args, output: "done" };
try {
  await hooks["tool.execute.before"]({ tool: "${tool}", sessionID: "s" }, output);
  await hooks["tool.execute.after"]({ tool: "${tool}", sessionID: "s" }, output);
  console.log(JSON.stringify({ ...output, args }));
} catch (error) {
  console.log("thrown: " + error.message);
}
`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "host.mjs")], {
    encoding: "utf8",
  });
  return stderr === "" ? stdout.trim() : stderr;
}

describe("opencodePlugin", () => {
  it("stops an edit that Skein denies", () => {
    expect(runTool("edit", '{"kind":"deny","reason":"a.ts is held"}')).toBe("thrown: a.ts is held");
  });

  it("lets an edit run when Skein has nothing to say, or cannot", () => {
    const untouched = '{"args":{"filePath":"a.ts"},"output":"done"}';

    expect(runTool("write", "")).toBe(untouched);
    expect(runTool("write", "no json")).toBe(untouched);
  });

  it("names the session in calls of Skein's tools", () => {
    expect(runTool("skein_look", '{"kind":"input","input":{"session":"s7_x"}}')).toBe(
      '{"args":{"filePath":"a.ts","session":"s7_x"},"output":"done"}',
    );
  });

  it("puts what Skein says of a shell command behind its output", () => {
    const output = runTool("bash", '{"kind":"context","text":"a.ts is held"}');

    expect(JSON.parse(output)).toMatchObject({ output: "done\na.ts is held" });
  });
});
