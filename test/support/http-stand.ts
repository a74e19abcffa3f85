import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { ClientOptions } from "@modelcontextprotocol/client";
import { createLoopbackGate, startHttpServer } from "../../src/http/index.ts";
import type { HttpServer, HttpServerOptions } from "../../src/http/index.ts";
import { usualLimits } from "../../src/http/lanes.ts";
import type { LaneLimits } from "../../src/http/lanes.ts";
import { openGate } from "../../src/http/gate/index.ts";
import { openProjectServer } from "../../src/compose-projects.ts";
import type { AuthSettings } from "../../src/settings.ts";
import { createCoordinatedRepository, plainEnv } from "./coordinated-repository.ts";
import type { CoordinatedRepository } from "./coordinated-repository.ts";

/** A repository with a server over it, in this process, at a port of its own. */
export interface HttpStand {
  readonly repository: CoordinatedRepository;
  readonly server: HttpServer;
  readonly url: string;
  readonly token: string;
  readonly log: readonly string[];
  /** One request with the token, as JSON. */
  ask(path: string, request?: Ask): Promise<HttpAnswer>;
  /** Calls a tool over the API. */
  call(
    tool: string,
    input: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer>;
  /** A client of the protocol. */
  connect(options?: ClientOptions): Promise<Client>;
  close(): Promise<void>;
}

export interface Ask {
  readonly method?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null where it is none. */
  readonly body: Record<string, unknown>;
}

const token = "a-token-that-only-this-stand-knows-00000000";

export interface StandOptions extends Partial<HttpServerOptions> {
  /** Who may call besides the user of this machine. Default: nobody. */
  readonly auth?: AuthSettings | undefined;
  /** Writes what the repository has before it is served. */
  readonly prepare?: ((repository: CoordinatedRepository) => void) | undefined;
}

/** Limits of a server that turns nobody away because the machine that tests it has much to do: what a stand has unless told. */
const unhurried: LaneLimits = {
  ...usualLimits,
  lagMs: { take: 60_000, read: 60_000, wait: 60_000 },
};

export async function createHttpStand({
  auth,
  prepare,
  ...options
}: StandOptions = {}): Promise<HttpStand> {
  const repository = await createCoordinatedRepository();
  prepare?.(repository);
  const log: string[] = [];
  const env = options.env ?? plainEnv;
  const projects = await openProjectServer({ cwd: repository.root, env });
  const server = await startHttpServer({
    projects,
    gate:
      auth === undefined
        ? createLoopbackGate({ token, person: "ada", origins: options.origins ?? [] })
        : openGate({ token, person: "ada", auth, projects }),
    version: "0.0.0",
    env,
    host: "127.0.0.1",
    port: 0,
    origins: [],
    commands: null,
    log: (line) => log.push(line),
    limits: unhurried,
    ...options,
  });
  const { url } = server;
  const ask = async (path: string, request: Ask = {}): Promise<HttpAnswer> =>
    askAt(`${url}/${path}`, request);
  return {
    repository,
    server,
    url,
    token,
    log,
    ask,
    call: async (tool, input, headers = {}) =>
      ask(`api/v1/tools/${tool}`, { method: "POST", body: input, headers }),
    connect: async (clientOptions = {}) => connectTo(`${url}/mcp`, clientOptions),
    close: async () => {
      await server.drain({ noticeMs: 0, withinMs: 5_000 });
      await repository.remove();
    },
  };
}

export async function askAt(url: string, request: Ask = {}): Promise<HttpAnswer> {
  const { method = "GET", body, headers = {}, signal } = request;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: objectIn(text) };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: Record<string, unknown> = JSON.parse(text);
    return value;
  } catch {
    return {};
  }
}

/** A client of the protocol with the stand's token. */
export async function connectTo(
  url: string,
  options: ClientOptions = {},
  more: Ask["headers"] = {},
): Promise<Client> {
  const client = new Client({ name: "a-test", version: "1.0.0" }, options);
  const headers = { authorization: `Bearer ${token}`, ...more };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  );
  return client;
}
