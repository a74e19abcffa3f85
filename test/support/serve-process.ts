import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { plainEnv } from "./coordinated-repository.ts";
import { skeinBin } from "./mcp-process.ts";

/** `skein serve` as a process. */
export interface ServeProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  /** All that it wrote. */
  output(): string;
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
}

export interface ServeStart {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** After `skein serve --port 0 --json`. */
  readonly args?: readonly string[] | undefined;
  /** Flags of Node itself. */
  readonly nodeArgs?: readonly string[] | undefined;
}

/** Starts a server on a free port, and waits until it says where it listens. Throws with all that it wrote when it ends before. */
export async function startServe({
  cwd,
  env = {},
  args = [],
  nodeArgs = [],
}: ServeStart): Promise<ServeProcess> {
  const words = [...nodeArgs, skeinBin, "serve", "--port", "0", "--json", ...args];
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...plainEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const exited = new Promise<number | null>((resolve) => {
    child.on("exit", resolve);
  });
  const line = await new Promise<string>((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (part: Buffer) => {
      out += part.toString();
      text += part.toString();
      if (out.includes("\n")) {
        resolve(out.split("\n", 1)[0] ?? "");
      }
    });
    child.stderr.on("data", (part: Buffer) => {
      text += part.toString();
    });
    child.on("exit", (code) => {
      reject(new Error(`it ended with ${String(code)}: ${text}`));
    });
  });
  const facts: { readonly url: string; readonly token_file: string } = JSON.parse(line);
  const token = readFileSync(facts.token_file, "utf8").trim();
  return { child, url: facts.url, token, output: () => text, exited };
}

/** Ends a server at once, with SIGKILL. */
export async function killServe({
  child,
  exited,
}: Pick<ServeProcess, "child" | "exited">): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}
