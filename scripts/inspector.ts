/**
 * Drives `skein mcp` over stdio and `skein serve` over HTTP with the official Inspector's command line: lists and calls tools as a person would. Needs npm; everything
 * else stays on this machine. `npx node scripts/inspector.ts`
 */
import { execFileSync, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { createCoordinatedRepository, plainEnv } from "../test/support/coordinated-repository.ts";
import { mountOverHttp } from "../test/support/mcp-http.ts";
import { root } from "./run.ts";

const inspector = "@modelcontextprotocol/inspector@2.12.0";

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  /** Must stand in what it prints. */
  readonly expects: string;
}

function callOf(tool: string, args: unknown): readonly string[] {
  return ["--method", "tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(args)];
}

const plan = { plan: "p", title: "P", verify: "none", tasks: [{ id: "T1", title: "One" }] };

const steps: readonly Step[] = [
  { name: "lists the tools", args: ["--method", "tools/list"], code: 0, expects: '"finish_task"' },
  {
    name: "lists the resources",
    args: ["--method", "resources/list"],
    code: 0,
    expects: "skein://board",
  },
  { name: "lists the prompts", args: ["--method", "prompts/list"], code: 0, expects: '"worker"' },
  { name: "proposes a plan", args: callOf("propose_plan", plan), code: 0, expects: "is_new" },
  {
    name: "claims its task",
    args: callOf("next_task", { name: "grace" }),
    code: 0,
    expects: '"T1"',
  },
  {
    name: "is refused a wrong field",
    args: callOf("look", { att: "board" }),
    code: 5,
    expects: "SKN-1901",
  },
];

/** How the Inspector reaches a server, and where it runs. */
interface Way {
  readonly name: string;
  readonly target: readonly string[];
  readonly cwd: string;
}

/** Found once: npx would look for it before each step. */
const bin = realpathSync(
  execFileSync("npx", ["-y", "-p", inspector, "-c", "command -v mcp-inspector"], {
    encoding: "utf8",
  }).trim(),
);
const repository = await createCoordinatedRepository();
const mount = await mountOverHttp();
const ways: readonly Way[] = [
  {
    name: "stdio",
    target: [process.execPath, join(root, "bin", "skein.js"), "mcp"],
    cwd: repository.root,
  },
  { name: "http", target: [mount.url, "--transport", "http"], cwd: repository.root },
];
let failed = 0;
for (const way of ways) {
  for (const { name, args, code, expects } of steps) {
    const done = await inspect(way, args);
    const isGood = done.code === code && done.output.includes(expects);
    failed += isGood ? 0 : 1;
    console.log(`${isGood ? "ok  " : "FAIL"} ${way.name}: ${name}`);
    if (!isGood) {
      console.log(`exit code ${String(done.code)}\n${done.output}`);
    }
  }
}
await mount.close();
await repository.remove();
console.log(`${String(steps.length * ways.length - failed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function inspect(
  { target, cwd }: Way,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const command = [bin, "--cli", ...target, ...args, "--format", "json"];
  const child = spawn(process.execPath, command, {
    cwd,
    env: {
      ...process.env,
      ...plainEnv,
      HOME: process.env["HOME"],
      MCP_INSPECTOR_SECRET_STORE: "memory",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { code, output };
}
