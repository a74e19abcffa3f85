import { PassThrough } from "node:stream";
import { Client } from "@modelcontextprotocol/client";
import type { ClientOptions, JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { catalog, runMcpServer } from "../../src/mcp/index.ts";
import { createCoordinatedRepository, plainEnv } from "./coordinated-repository.ts";
import type { CoordinatedRepository } from "./coordinated-repository.ts";

/** A repository, and clients that talk to servers in this process over streams, as hosts talk to theirs over pipes. */
export interface McpStand {
  readonly repository: CoordinatedRepository;
  connect(options?: ConnectOptions): Promise<McpAgent>;
  /** Everything the servers wrote to their logs. */
  log(): string;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Default legacy: what most hosts speak. */
  readonly era?: "legacy" | "modern" | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly client?: ClientOptions | undefined;
  readonly clientName?: string | undefined;
  /** Registers handlers before the client connects. */
  readonly prepare?: ((client: Client) => void) | undefined;
}

/** A client with one server of its own. */
export interface McpAgent {
  readonly client: Client;
  /** Calls a tool and gives the structured answer; a refused promise is an answer as well (`error`). */
  call(name: string, args?: Readonly<Record<string, unknown>>, meta?: Meta): Promise<Answer>;
  close(): Promise<void>;
}

type Meta = Readonly<Record<string, unknown>>;

/** An answer, loosely typed: a test names the fields that it expects. */
export type Answer = Readonly<Record<string, unknown>>;

export async function createMcpStand(): Promise<McpStand> {
  const repository = await createCoordinatedRepository();
  const agents: McpAgent[] = [];
  let logged = "";
  return {
    repository,
    connect: async (options = {}) => {
      const agent = await connectTo(options.cwd ?? repository.root, options, (text) => {
        logged += text;
      });
      agents.push(agent);
      return agent;
    },
    log: () => logged,
    close: async () => {
      await Promise.all(agents.map(async (agent) => agent.close()));
      await repository.remove();
    },
  };
}

/** Connects a client to a server of its own in a folder, as a host does. */
export async function connectTo(
  cwd: string,
  options: ConnectOptions,
  onLog: (text: string) => void,
): Promise<McpAgent> {
  const input = new PassThrough();
  const output = new PassThrough();
  const log = new PassThrough();
  log.on("data", (chunk: Buffer) => {
    onLog(chunk.toString("utf8"));
  });
  const ended = runMcpServer({
    cwd,
    env: { ...plainEnv, ...options.env },
    streams: { input, output, log },
    signals: null,
  });
  const client = new Client(
    { name: options.clientName ?? "test", version: "1.0.0" },
    {
      ...options.client,
      versionNegotiation: {
        mode: options.era === "modern" ? { pin: "2026-07-28" } : "legacy",
      },
    },
  );
  options.prepare?.(client);
  await client.connect(overStreams(output, input));
  return {
    client,
    call: async (name, args = {}, meta) => {
      const result = await client.callTool({
        name,
        arguments: { ...args },
        ...(meta === undefined ? {} : { _meta: { ...meta } }),
      });
      return readAnswer(name, result);
    },
    close: async () => {
      input.end();
      await ended;
      await client.close();
    },
  };
}

/** Holds every answer of every test to the law: both forms say the same, within 8 KB, and in the declared shape. */
function readAnswer(name: string, result: Awaited<ReturnType<Client["callTool"]>>): Answer {
  const [content] = result.content;
  const text = content?.type === "text" ? content.text : "";
  if (text !== JSON.stringify(result.structuredContent)) {
    throw new Error("The text and the structure of an answer differ.");
  }
  if (Buffer.byteLength(text) > 8_192) {
    throw new Error(`An answer has ${String(Buffer.byteLength(text))} bytes.`);
  }
  const answer = asAnswer(JSON.parse(text));
  if (result.isError !== true) {
    catalog.get(name)?.output.parse(answer);
  }
  return answer;
}

function asAnswer(value: unknown): Answer {
  if (typeof value !== "object" || value === null) {
    throw new TypeError("An answer is an object.");
  }
  return Object.fromEntries(Object.entries(value));
}

function overStreams(from: PassThrough, to: PassThrough): Transport {
  let held = "";
  const transport: Transport = {
    start: async () => {
      from.on("data", (chunk: Buffer) => {
        held += chunk.toString("utf8");
        const lines = held.split("\n");
        held = lines.pop() ?? "";
        for (const line of lines) {
          const message: JSONRPCMessage = JSON.parse(line);
          transport.onmessage?.(message);
        }
      });
      await Promise.resolve();
    },
    send: async (message) => {
      to.write(`${JSON.stringify(message)}\n`);
      await Promise.resolve();
    },
    close: async () => {
      transport.onclose?.();
      await Promise.resolve();
    },
  };
  return transport;
}
