import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { SkeinError } from "../../core/base/errors.ts";
import {
  isLooseObject,
  ownObject,
  ownText,
  ownValue,
  parseLooseObject,
} from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { demoErrors } from "./errors.ts";
import { pause } from "./processes.ts";

/** An MCP client over standard input and output: JSON-RPC messages, one a line. It knows what an agent of the demo needs, and no more. */
export interface McpClient {
  /**
   * Calls a tool and gives its structured answer, also that of a refusal (`error`). Asks again where the refusal says when; calls that change
   * something should carry a `key`.
   */
  call(tool: string, args: LooseObject): Promise<LooseObject>;
  /** Closes the server's input and waits for its end. */
  close(): Promise<void>;
  /** Ends the server at once, with SIGKILL, and waits for that; calls under way fail. */
  kill(): Promise<void>;
}

export interface ServerProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const protocolVersion = "2025-06-18";

/** Starts a server and introduces the client to it. */
export async function startMcpClient(program: ServerProgram, name: string): Promise<McpClient> {
  const child = spawn(program.file, program.args, {
    cwd: program.cwd,
    env: { ...program.env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined); // The end of the server is told by `close`.
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  const wire = createWire(child, ended);
  await wire.request("initialize", {
    protocolVersion,
    capabilities: {},
    clientInfo: { name, version: "1.0.0" },
  });
  wire.send({ method: "notifications/initialized" });
  return {
    call: (tool, args) => callPatiently(wire, { name: tool, arguments: args }),
    close: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** How often a call is repeated that could not be served just then. */
const patience = 20;

async function callPatiently(wire: Wire, params: LooseObject): Promise<LooseObject> {
  for (let tried = 1; ; tried += 1) {
    const answer = ownObject(await wire.request("tools/call", params), "structuredContent");
    const retryAfterMs = ownValue(ownObject(answer, "error"), "retry_after_ms");
    if (typeof retryAfterMs !== "number" || tried >= patience) {
      return answer;
    }
    await pause(retryAfterMs);
  }
}

/** JSON-RPC over the pipes of a server. */
interface Wire {
  send(message: LooseObject): void;
  request(method: string, params: LooseObject): Promise<LooseObject>;
}

function createWire(
  { stdin, stdout }: ChildProcessByStdio<Writable, Readable, null>,
  ended: Promise<void>,
): Wire {
  const waiting = new Map<number, (message: LooseObject) => void>();
  let lastId = 0;
  createInterface({ input: stdout }).on("line", (line) => {
    const message = parseLooseObject(line) ?? {};
    const id = ownValue(message, "id");
    if (typeof id === "number") {
      waiting.get(id)?.(message);
      waiting.delete(id);
    }
  });
  const gone = ended.then(() => ({ error: { message: "The server has ended." } }));
  const send = (message: LooseObject): void => {
    stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  return {
    send,
    request: async (method, params) => {
      lastId += 1;
      const id = lastId;
      const answer = new Promise<LooseObject>((resolve) => {
        waiting.set(id, resolve);
      });
      send({ id, method, params });
      return resultOf(method, await Promise.race([answer, gone]));
    },
  };
}

function resultOf(method: string, message: LooseObject): LooseObject {
  const error = ownValue(message, "error");
  if (isLooseObject(error)) {
    throw new SkeinError(demoErrors.agentFailed, {
      message: `The server answered ${method} with: ${ownText(error, "message") ?? "an error"}`,
      facts: { method },
    });
  }
  return ownObject(message, "result");
}
