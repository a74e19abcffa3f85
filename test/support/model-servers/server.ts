import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ownText, parseLooseObject } from "../../../src/core/base/loose-object.ts";
import { anthropicWire } from "./anthropic.ts";
import { fail, say } from "./call.ts";
import type { Answer, ModelCall, ServedModel, TextAnswer } from "./call.ts";
import { chatWire } from "./openai-chat.ts";
import { responsesWire } from "./openai-responses.ts";
import { createRequestWindow } from "./request-window.ts";
import type { RequestWindow, RequestWindowOptions } from "./request-window.ts";
import { createTokenWindow } from "./token-window.ts";
import type { TokenWindowOptions } from "./token-window.ts";
import { eventStream } from "./wire.ts";
import type { Wire } from "./wire.ts";

export interface ModelServerOptions {
  /** What is answered to a request; a plain text is the model's answer. Default: `ok`. */
  readonly reply?: ((call: ModelCall) => string | Answer | Promise<string | Answer>) | undefined;
  /** The one key that is let in; without it any key is, and none needed. */
  readonly key?: string | undefined;
  /** The models there are, by id; another is 404. Without it there is every model. */
  readonly models?: Readonly<Record<string, ServedModel>> | undefined;
  /** A limit that the server keeps, tells in its headers and answers 429 beyond. */
  readonly window?: RequestWindowOptions | undefined;
  /** The same for tokens. */
  readonly tokenWindow?: TokenWindowOptions | undefined;
}

/** A provider on this machine. */
export interface ModelServer {
  /** For Anthropic's SDK, which adds `/v1/messages`. */
  readonly url: string;
  /** For OpenAI's SDK, which adds `/chat/completions` or `/responses`. */
  readonly v1: string;
  /** Every request whose body was read, also those that were refused, in order. */
  readonly calls: readonly ModelCall[];
  /** How many requests the window turned away. */
  readonly refused: () => number;
  /** The most requests that were under way at once. */
  readonly widest: () => number;
  close(): Promise<void>;
}

const wires: readonly Wire[] = [anthropicWire, chatWire, responsesWire];

/**
 * Starts a server on 127.0.0.1 that speaks Anthropic's messages and OpenAI's chat and responses, as JSON and as events, whichever the
 * request asks for. One script serves all three:
 *
 * ```ts
 * const server = await startModelServer({
 *   key: "test-key",
 *   models: { "gpt-x": { refusesTemperature: true, refusesMaxTokens: true } },
 *   reply: (call) => call.number === 1 ? fail(529) : say("[]", { usage: { inputTokens: 10, outputTokens: 2 } }),
 * });
 * // base URL: server.url for Anthropic, server.v1 for OpenAI; then:
 * expect(server.calls[0]?.system).toBe("...");
 * await server.close();
 * ```
 */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const calls: ModelCall[] = [];
  const window = options.window === undefined ? null : createRequestWindow(options.window);
  const tokenWindow =
    options.tokenWindow === undefined ? null : createTokenWindow(options.tokenWindow);
  const startedMs = performance.now();
  const counts = { refused: 0, now: 0, widest: 0 };
  const ended = new AbortController();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wire = wires.find(({ path }) => (request.url ?? "").split("?")[0]?.endsWith(path));
    const text = await readAll(request);
    if (wire === undefined || request.method !== "POST") {
      response.writeHead(404).end("Not Found");
      return;
    }
    const call = callOf({ wire, request, text, number: calls.length + 1, startedMs });
    calls.push(call);
    const admission = both(window?.admit(wire.format), tokenWindow?.admit(call));
    counts.refused += admission.isAdmitted ? 0 : 1;
    const answer = admission.isAdmitted
      ? (refusal(wire, call, options) ?? (await scripted(options, call)))
      : fail(429);
    await sleep(answer.delayMs ?? 0, undefined, { signal: ended.signal });
    send({ wire, call, response, headers: admission.headers }, answer);
  };
  const http = createServer((request, response) => {
    counts.now += 1;
    counts.widest = Math.max(counts.widest, counts.now);
    response.once("close", () => {
      counts.now -= 1;
    });
    serve(request, response).catch(() => {
      response.destroy();
    });
  });
  const port = await new Promise<number>((resolve) => {
    http.listen(0, "127.0.0.1", () => {
      const address = http.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const url = `http://127.0.0.1:${String(port)}`;
  return {
    url,
    v1: `${url}/v1`,
    calls,
    refused: () => counts.refused,
    widest: () => counts.widest,
    close: async () => {
      ended.abort();
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
}

type Admission = ReturnType<RequestWindow["admit"]>;

function both(...admissions: readonly (Admission | undefined)[]): Admission {
  const told = admissions.filter((admission) => admission !== undefined);
  return {
    isAdmitted: told.every(({ isAdmitted }) => isAdmitted),
    headers: Object.assign({}, ...told.map(({ headers }) => headers)),
  };
}

async function scripted({ reply }: ModelServerOptions, call: ModelCall): Promise<Answer> {
  const answer = (await reply?.(call)) ?? "ok";
  return typeof answer === "string" ? say(answer) : answer;
}

/** What a provider says before a model is asked: no key, no such model, a parameter that it does not take. */
function refusal(wire: Wire, call: ModelCall, { key, models }: ModelServerOptions): Answer | null {
  if (key !== undefined && wire.keyOf(call.headers) !== key) {
    return fail(401);
  }
  const model = models === undefined ? {} : models[call.model];
  if (model === undefined) {
    return fail(404);
  }
  const refused = wire.refuse(call, model);
  return refused === null
    ? null
    : { kind: "garbage", status: refused.status, body: JSON.stringify(refused.body) };
}

interface Incoming {
  readonly wire: Wire;
  readonly request: IncomingMessage;
  readonly text: string;
  readonly number: number;
  readonly startedMs: number;
}

function callOf({ wire, request, text, number, startedMs }: Incoming): ModelCall {
  const body = parseLooseObject(text) ?? {};
  return {
    number,
    format: wire.format,
    path: request.url ?? "",
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
    model: ownText(body, "model") ?? "",
    isStreaming: body["stream"] === true,
    atMs: performance.now() - startedMs,
    ...wire.read(body),
  };
}

interface Outgoing {
  readonly wire: Wire;
  readonly call: ModelCall;
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
}

function send({ wire, call, response, headers }: Outgoing, answer: Answer): void {
  const open = (status: number, type: string): ServerResponse =>
    response.writeHead(status, { "content-type": type, ...headers, ...answer.headers });
  const type = call.isStreaming ? "text/event-stream; charset=utf-8" : "application/json";
  switch (answer.kind) {
    case "text":
      open(200, type).end(bodyOf(wire, call, answer));
      return;
    case "status":
      open(answer.status, "application/json").end(JSON.stringify(wire.error(answer, call)));
      return;
    case "garbage":
      open(answer.status ?? 200, answer.contentType ?? "application/json").end(answer.body);
      return;
    case "cut":
      open(200, type).write(half(bodyOf(wire, call, say(answer.text))), () => response.destroy());
      return;
    case "hang":
      if (answer.after === "half") {
        open(200, type).write(half(bodyOf(wire, call, say("a text that never ends"))));
      }
      return;
    case "reset":
      response.destroy();
  }
}

function bodyOf(wire: Wire, call: ModelCall, answer: TextAnswer): string {
  return call.isStreaming
    ? eventStream(wire.events(answer, call), wire.format === "openai-chat")
    : JSON.stringify(wire.json(answer, call));
}

function half(body: string): string {
  return body.slice(0, Math.ceil(body.length / 2));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString("utf8");
}
