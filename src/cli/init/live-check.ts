import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import {
  isLooseObject,
  ownObject,
  ownValue,
  parseLooseObject,
} from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Command } from "./launch.ts";

/** What the configured server said. */
export type LiveCheck =
  | {
      readonly ok: true;
      readonly tools: readonly string[];
      readonly ms: number;
    }
  | { readonly ok: false; readonly detail: string };

export interface LiveCheckOptions {
  readonly command: Command;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default 20 000. */
  readonly timeoutMs?: number | undefined;
  /** How long the server may take to end once it was let go, in milliseconds. Default 5 000. */
  readonly endMs?: number | undefined;
  /** Hears all that the server says of its tools. */
  readonly onTools?: ((tools: readonly LooseObject[]) => void) | undefined;
}

/** Starts a stdio server as a host would, shakes hands, lists its tools, lets it go and waits for its end: whoever comes next has the ledger for themselves. */
export async function checkServer(options: LiveCheckOptions): Promise<LiveCheck> {
  const startedAt = performance.now();
  const child = spawn(options.command.command, [...options.command.args], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const complaints = collect(child);
  const ended = endOf(child);
  const timeoutMs = options.timeoutMs ?? 20_000;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    child.kill("SIGKILL");
  }, timeoutMs);
  try {
    const listed = await talk(child);
    const tools = listed.map((tool) => String(ownValue(tool, "name")));
    options.onTools?.(listed);
    return { ok: true, tools, ms: Math.round(performance.now() - startedAt) };
  } catch (error) {
    const said = complaints().trim().split("\n").at(-1) ?? "";
    const why = late.signal.aborted
      ? `it did not answer within ${String(timeoutMs / 1_000)} s and was stopped`
      : errorText(error);
    return { ok: false, detail: said === "" ? why : said };
  } finally {
    clearTimeout(timer);
    await letGo(child, ended, options.endMs ?? 5_000);
  }
}

/** Settles when a process is gone, or when it never began. */
async function endOf(child: ChildProcessWithoutNullStreams): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
}

/** A server may be opening the ledger just then, which it does to its end; one that does not end is stopped. */
async function letGo(
  child: ChildProcessWithoutNullStreams,
  ended: Promise<void>,
  endMs: number,
): Promise<void> {
  child.stdin.end();
  child.kill();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
  }, endMs);
  await ended;
  clearTimeout(timer);
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function collect(child: ChildProcessWithoutNullStreams): () => string {
  let text = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (part: string) => {
    text = (text + part).slice(-4_000);
  });
  return () => text;
}

async function talk(child: ChildProcessWithoutNullStreams): Promise<readonly LooseObject[]> {
  const ask = asker(child);
  await ask("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "skein-init", version: "1" },
  });
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  const listed = ownValue(await ask("tools/list", {}), "tools");
  const tools = Array.isArray(listed) ? listed.filter(isLooseObject) : [];
  return tools;
}

type Ask = (method: string, params: LooseObject) => Promise<LooseObject>;

/** Sends requests one at a time and waits for the answer with the same id. */
function asker(child: ChildProcessWithoutNullStreams): Ask {
  const waiting = new Map<number, (answer: LooseObject) => void>();
  let lastId = 0;
  const gone = new Promise<never>((_resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      reject(new Error(`it ended with ${signal ?? String(code)} before it answered`));
    });
  });
  gone.catch(() => undefined);
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const answer = parseLooseObject(line);
    const id = answer === null ? undefined : ownValue(answer, "id");
    if (answer !== null && typeof id === "number") {
      waiting.get(id)?.(answer);
    }
  });
  return async (method, params) => {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<LooseObject>((resolve) => {
      waiting.set(id, resolve);
    });
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return ownObject(await Promise.race([answered, gone]), "result");
  };
}
