import { setTimeout as pause } from "node:timers/promises";
import {
  Client,
  ProtocolError,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { startMcpClient } from "../../../src/cli/demo/mcp-client.ts";
import {
  isLooseObject,
  ownObject,
  ownText,
  ownValue,
  parseLooseObject,
} from "../../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { plainEnv } from "../coordinated-repository.ts";
import { skeinBin } from "../mcp-process.ts";

/** An agent's way to a team's servers. */
export interface TeamClient {
  /** One try. A refusal is an answer (`error`). @throws {Unserved} when the same call may be made again. */
  call(tool: string, args: LooseObject): Promise<LooseObject>;
  close(): Promise<void>;
  /** Ends as a process that is killed: nobody says goodbye. */
  kill(): Promise<void>;
}

/** What was asked was not served, or nobody knows whether it was. */
export class Unserved extends Error {
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(code: string, retryAfterMs: number) {
    super(`not served: ${code}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface HttpClientOptions {
  /** Where the nodes serve MCP, the one to begin with first. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly name: string;
  readonly era: "legacy" | "modern";
}

/** A client over streamable HTTP, which goes to the next node where one cannot be reached. */
export function openHttpClient(options: HttpClientOptions): TeamClient {
  let at = 0;
  let open: Promise<Client> | null = null;
  const leave = async (): Promise<void> => {
    const left = open;
    open = null;
    await left?.then(async (client) => client.close()).catch(() => undefined);
  };
  return {
    call: async (tool, args) => {
      try {
        open ??= connect(options, at).catch((error: unknown) => {
          open = null;
          throw error;
        });
        const client = await open;
        const answer = await client.callTool({ name: tool, arguments: { ...args } });
        return answered(answer.structuredContent);
      } catch (error) {
        const unserved = unservedOf(error);
        if (unserved.code === "unreachable") {
          at += 1;
          await leave();
        }
        throw unserved;
      }
    },
    close: leave,
    kill: leave,
  };
}

async function connect({ urls, token, name, era }: HttpClientOptions, at: number): Promise<Client> {
  const mode = era === "modern" ? { pin: "2026-07-28" } : era;
  const client = new Client({ name, version: "1.0.0" }, { versionNegotiation: { mode } });
  // Hosts name their agents; who does not is one agent with all others of its token.
  const headers = { authorization: `Bearer ${token}`, "skein-external-id": `team:${name}` };
  const url = new URL(urls[at % urls.length] ?? "");
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return client;
}

function unservedOf(error: unknown): Unserved {
  if (error instanceof Unserved) {
    return error;
  }
  if (error instanceof ProtocolError) {
    throw error;
  }
  if (!(error instanceof SdkHttpError)) {
    return new Unserved("unreachable", 50);
  }
  if (![429, 502, 503, 504].includes(error.status)) {
    throw error;
  }
  const body = parseLooseObject(ownText(error.data, "text") ?? "");
  const told = ownObject(ownObject(body ?? {}, "error"), "data");
  const retryAfterMs = Number(ownValue(told, "retry_after_ms") ?? 500);
  return new Unserved(ownText(told, "code") ?? String(error.status), retryAfterMs);
}

/** Takes an answer for what it is: one that says to try again was none. */
function answered(answer: unknown): LooseObject {
  const whole = isLooseObject(answer) ? answer : {};
  const error = ownObject(whole, "error");
  const retryAfterMs = ownValue(error, "retry_after_ms");
  const code = ownText(error, "code") ?? "";
  // 9101: the change may have been saved; under the same key it is done once.
  if (typeof retryAfterMs === "number" || code === "SKN-9101") {
    throw new Unserved(code, typeof retryAfterMs === "number" ? retryAfterMs : 50);
  }
  return whole;
}

export interface ForwarderOptions {
  /** The address of the team's server. */
  readonly url: string;
  readonly token: string;
  readonly name: string;
  /** A folder on the agent's machine. */
  readonly cwd: string;
}

/** `skein mcp --url`: a process of its own, which forwards what its agent asks. */
export async function startForwarder(options: ForwarderOptions): Promise<TeamClient> {
  const { url, token, name, cwd } = options;
  const env = { ...definedEnv(), SKEIN_TOKEN: token };
  const words = [skeinBin, "mcp", "--url", url];
  const client = await startMcpClient({ file: process.execPath, args: words, cwd, env }, name);
  return { ...client, call: async (tool, args) => answered(await client.call(tool, args)) };
}

function definedEnv(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(plainEnv).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/**
 * Makes a call until it is served, under one idempotency key, as an agent does; `told` is given the code of each answer that said to try again.
 *
 * @throws what is no such answer, and the last of them when the time is over.
 */
export async function insist(
  { client, untilMs, told }: Insisting,
  tool: string,
  args: LooseObject,
): Promise<LooseObject> {
  for (;;) {
    try {
      return await client.call(tool, args);
    } catch (error) {
      if (!(error instanceof Unserved) || performance.now() > untilMs) {
        throw error;
      }
      told(error.code);
      await pause(error.retryAfterMs * (0.75 + Math.random() / 2));
    }
  }
}

export interface Insisting {
  readonly client: TeamClient;
  /** When it gives up, by `performance.now()`. */
  readonly untilMs: number;
  told(this: void, code: string): void;
}
