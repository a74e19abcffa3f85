import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";

/** One request and its answer. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for none. */
  readonly body: string | null;
  /** How long the server may say nothing, in milliseconds; for a stream: how long between two pieces. */
  readonly silenceMs: number;
  readonly signal: AbortSignal | null;
}

/** An answer whose body is still to be read. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The pieces of the body, as text. */
  pieces(): AsyncIterable<string>;
  /** Stops reading. */
  drop(): void;
}

/** An exchange that came to nothing. */
export interface BrokenExchange extends Error {
  /** False: the server has seen nothing of it. True: it may have done what was asked. */
  readonly wasSent: boolean;
}

/** Sends one request over kept connections. Nothing is followed elsewhere: a redirect is an answer as any other. */
export type Send = (exchange: Exchange) => Promise<OpenAnswer>;

/** Sends over node's own client: what a short-lived hook needs, and no more, is loaded. */
export function createSend(): Sending {
  const clients = new Map<string, Promise<HttpClient>>();
  return {
    send: async (exchange) => {
      const scheme = exchange.url.startsWith("https:") ? "https" : "http";
      const client = clients.get(scheme) ?? loadClient(scheme);
      clients.set(scheme, client);
      return start(await client, exchange);
    },
    close: () => {
      for (const client of clients.values()) {
        void closeClient(client);
      }
    },
  };
}

async function closeClient(client: Promise<HttpClient>): Promise<void> {
  const { agent } = await client;
  agent.destroy();
}

export interface Sending {
  readonly send: Send;
  /** Ends the connections that are kept. */
  readonly close: () => void;
}

interface HttpClient {
  readonly agent: Agent;
  readonly request: (url: string, options: RequestOptions) => ClientRequest;
}

const kept = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8 };

async function loadClient(scheme: "http" | "https"): Promise<HttpClient> {
  if (scheme === "https") {
    const https = await import("node:https");
    return { agent: new https.Agent(kept), request: (url, options) => https.request(url, options) };
  }
  const http = await import("node:http");
  return { agent: new http.Agent(kept), request: (url, options) => http.request(url, options) };
}

function start({ agent, request }: HttpClient, exchange: Exchange): Promise<OpenAnswer> {
  const { method, url, headers, body, silenceMs, signal } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers,
      agent,
      ...(signal === null ? {} : { signal }),
    });
    const sent = watchSending(outgoing);
    outgoing.setTimeout(silenceMs, () => {
      outgoing.destroy(new Error(`it said nothing for ${String(silenceMs)} ms`));
    });
    outgoing.on("error", (error) => {
      reject(broken(error, sent.isSent()));
    });
    outgoing.on("response", (incoming) => {
      resolve(openAnswer(incoming));
    });
    outgoing.end(body ?? undefined);
  });
}

/** How long a connection may take to stand, in milliseconds. */
const connectMs = 5_000;

/** Tells whether a byte of the request may have reached the server: not before the connection stood, which takes only so long. */
function watchSending(outgoing: ClientRequest): { isSent(): boolean } {
  let isConnected = false;
  outgoing.on("socket", (socket) => {
    if (outgoing.reusedSocket || !socket.connecting) {
      isConnected = true;
      return;
    }
    const late = setTimeout(() => {
      outgoing.destroy(new Error(`no connection within ${String(connectMs)} ms`));
    }, connectMs);
    outgoing.once("close", () => {
      clearTimeout(late);
    });
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      isConnected = true;
    });
  });
  return { isSent: () => isConnected };
}

function openAnswer(incoming: IncomingMessage): OpenAnswer {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );
  incoming.setEncoding("utf8");
  return {
    status: incoming.statusCode ?? 0,
    headers,
    pieces: () => piecesOf(incoming),
    drop: () => {
      incoming.destroy();
    },
  };
}

async function* piecesOf(incoming: IncomingMessage): AsyncIterable<string> {
  try {
    for await (const piece of incoming) {
      yield String(piece);
    }
  } catch (error) {
    throw broken(error, true);
  }
}

export function broken(error: unknown, wasSent: boolean): BrokenExchange {
  const words = error instanceof Error ? plainWords(error) : String(error);
  return Object.assign(new Error(words, { cause: error }), { wasSent });
}

/** What OpenSSL says of a server without TLS names its own source files. */
function plainWords(error: Error): string {
  const isPlain = error.message.includes("wrong version number");
  return isPlain ? "what answers there speaks http, not https" : error.message;
}

export function isBroken(error: unknown): error is BrokenExchange {
  return error instanceof Error && "wasSent" in error;
}
