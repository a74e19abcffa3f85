import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainEnv } from "./coordinated-repository.ts";

/** The command that people install. */
export const skeinBin = join(fileURLToPath(new URL("../..", import.meta.url)), "bin", "skein.js");

/** `skein mcp` as a process, spoken to line by line. */
export interface McpProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Sends a request and waits for its answer. */
  request(method: string, params?: Readonly<Record<string, unknown>>): Promise<RawAnswer>;
  /** Sends a line as it is. */
  sendRaw(line: Uint8Array | string): Promise<void>;
  /** Waits for an answer without an id. */
  nextFault(): Promise<RawAnswer>;
  stderr(): string;
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
}

export interface RawAnswer {
  readonly id: string | number | null;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

export async function startMcpProcess(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<McpProcess> {
  const child = spawn(process.execPath, [skeinBin, "mcp"], { cwd, env: { ...plainEnv, ...env } });
  const waiting = new Map<unknown, (answer: RawAnswer) => void>();
  const faults: RawAnswer[] = [];
  let onFault: ((answer: RawAnswer) => void) | null = null;
  let [held, logged, ids] = ["", "", 0];
  child.stderr.on("data", (chunk: Buffer) => {
    logged += chunk.toString("utf8");
  });
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (held + chunk.toString("utf8")).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) {
      const answer: RawAnswer = JSON.parse(line);
      if (answer.id === null) {
        faults.push(answer);
        onFault?.(answer);
      }
      waiting.get(answer.id)?.(answer);
    }
  });
  const sendRaw = async (line: Uint8Array | string): Promise<void> => {
    if (!child.stdin.write(line)) {
      await new Promise((resolve) => {
        child.stdin.once("drain", resolve);
      });
    }
  };
  const request: McpProcess["request"] = async (method, params = {}) => {
    ids += 1;
    const id = ids;
    const answered = new Promise<RawAnswer>((resolve) => {
      waiting.set(id, resolve);
    });
    await sendRaw(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return answered;
  };
  await request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "e2e", version: "1" },
  });
  await sendRaw(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return {
    child,
    request,
    sendRaw,
    nextFault: () =>
      new Promise((resolve) => {
        const known = faults.shift();
        if (known === undefined) {
          onFault = resolve;
        } else {
          resolve(known);
        }
      }),
    stderr: () => logged,
    exited: new Promise((resolve) => {
      child.on("exit", resolve);
    }),
  };
}

/** The resident memory of a process in bytes, on Linux. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) * 1_024;
}
