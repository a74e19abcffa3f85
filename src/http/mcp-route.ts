import type { ServerResponse } from "node:http";
import { isLooseObject, ownObject, ownText, ownValue } from "../core/base/loose-object.ts";
import type { SkeinError } from "../core/base/errors.ts";
import { asSkeinError } from "../mcp/index.ts";
import { fixedHeaders, retryHeaders, sendJson, statusOf } from "./answers.ts";
import type { Headers } from "./answers.ts";
import { bodyError, largestBody, readBody } from "./body.ts";
import type { BodyFault } from "./body.ts";
import { contextOf } from "./context.ts";
import { drains } from "./drains.ts";
import { inLane, refusedLate } from "./in-lane.ts";
import type { Lane } from "./lanes.ts";
import { noteRequest } from "./log/request-note.ts";
import { watchAdmission } from "./still-admitted.ts";
import { laneOfTool } from "./tools-route.ts";
import type { Visit } from "./visit.ts";

/** `POST|GET|DELETE mcp`: streamable HTTP, for clients of all revisions. */
export async function serveMcp(visit: Visit): Promise<void> {
  const { request, response, parts } = visit;
  let message: unknown;
  if (request.method === "POST") {
    const body = await readBody(visit, largestBody);
    if (body.kind === "fault") {
      refuseFrame(response, body.fault);
      return;
    }
    if (Array.isArray(body.value)) {
      sendRpcError(response, 400, { id: null, code: -32_600, message: "Batches are not served." });
      return;
    }
    message = body.value;
  }
  try {
    await passed(visit, message);
  } catch (error) {
    refuseAs(response, asSkeinError(parts.faults, error), idOf(message));
  }
}

/** A host that comes takes nothing from its project's share: turned away, it would be gone for good. */
async function passed(visit: Visit, message: unknown): Promise<void> {
  const { parts, principal } = visit;
  const work = async (): Promise<void> => forward(visit, message);
  await (isGreeting(message)
    ? refusedLate(parts, async () => parts.lanes.run("take", principal, work))
    : inLane(visit, laneOf(message), work));
}

function isGreeting(message: unknown): boolean {
  return isLooseObject(message) && greetings.has(ownText(message, "method") ?? "");
}

function refuseAs(response: ServerResponse, error: SkeinError, id: string | number | null): void {
  noteRequest({ code: error.code });
  sendRpcError(response, statusOf(error), {
    id,
    code: -32_000,
    message: error.message,
    data: { code: error.code, fix: error.fix, retry_after_ms: error.retryAfterMs },
    headers: retryHeaders(error),
  });
}

/** What a host asks when it comes, once: turned away there, most give the server up for good, or have none of its tools. */
const greetings: ReadonlySet<string> = new Set([
  "initialize",
  "notifications/initialized",
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
]);

/** Streams that only listen sleep; whatever is small or not understood is read. */
function laneOf(message: unknown): Lane {
  if (!isLooseObject(message)) {
    return "wait";
  }
  const method = ownText(message, "method") ?? "";
  const params = ownObject(message, "params");
  if (method === "tools/call") {
    return laneOfTool(ownText(params, "name") ?? "", ownValue(params, "arguments"));
  }
  if (isGreeting(message)) {
    return "take";
  }
  return method === "subscriptions/listen" ? "wait" : "read";
}

async function forward(visit: Visit, body: unknown): Promise<void> {
  const { request, response, project, parts } = visit;
  // A stream that only listens ends with the server and with its token; a call is finished.
  const isListening = isLooseObject(body) && ownText(body, "method") === "subscriptions/listen";
  const admission = isListening ? watchAdmission(visit) : null;
  const signal =
    admission === null
      ? visit.signal
      : AbortSignal.any([visit.signal, parts.draining, admission.ended]);
  const asked = new Request(`http://server${request.url ?? "/"}`, {
    method: request.method ?? "GET",
    headers: headersOf(request.headers),
    signal,
  });
  try {
    const context = contextOf(visit, laneOf(body));
    const answer = await project.face.fetch(asked, { body, context });
    const isStream = laneOf(body) === "wait" && !isCall(body);
    await passOn(answer, response, { signal, slowMs: isStream ? parts.streams.slowMs : null });
  } finally {
    admission?.close();
  }
}

function headersOf(given: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    // The token has done its work at the gate, and what is behind has no use for it.
    if (value !== undefined && name !== "authorization" && !name.startsWith(":")) {
      headers[name] = Array.isArray(value) ? value.join(", ") : value;
    }
  }
  return headers;
}

interface Passing {
  readonly signal: AbortSignal;
  /** How long the client may leave what it is sent; null: it is not waited for. */
  readonly slowMs: number | null;
}

/**
 * Writes an answer of the web's form as it comes. A stream goes no faster than its client reads, and ends with one that does not. The answer
 * of a call has a bounded size and is handed over whole: a client that does not take it must not keep the call's place.
 */
async function passOn(
  answer: Response,
  response: ServerResponse,
  { signal, slowMs }: Passing,
): Promise<void> {
  response.writeHead(answer.status, { ...fixedHeaders, ...Object.fromEntries(answer.headers) });
  if (answer.body === null) {
    response.end();
    return;
  }
  const reader = answer.body.getReader();
  const stop = (): void => {
    void reader.cancel().catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) {
    stop();
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      const isFull = !response.write(value) && !signal.aborted;
      if (isFull && slowMs !== null && !(await drains(response, { signal, slowMs }))) {
        response.destroy();
        stop();
        break;
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    response.end();
  }
}

function isCall(message: unknown): boolean {
  return isLooseObject(message) && ownText(message, "method") === "tools/call";
}

/** What parsers disagree on is no request, nor is what is not read; what cannot be parsed at all is a parse error. */
function refuseFrame(response: ServerResponse, fault: BodyFault): void {
  const error = bodyError(fault, largestBody);
  if (fault === "no-room") {
    refuseAs(response, error, null);
    return;
  }
  noteRequest({ code: error.code });
  const isRequest = ["duplicate-key", "forbidden-key", "too-many-parts", "too-large"];
  sendRpcError(response, statusOf(error), {
    id: null,
    code: isRequest.includes(fault) ? -32_600 : -32_700,
    message: error.message,
    data: { code: error.code, fix: error.fix },
  });
}

interface RpcError {
  readonly id: string | number | null;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  readonly headers?: Headers | undefined;
}

function sendRpcError(
  response: ServerResponse,
  status: number,
  { id, code, message, data, headers }: RpcError,
): void {
  const error = data === undefined ? { code, message } : { code, message, data };
  sendJson(response, status, { value: { jsonrpc: "2.0", id, error }, headers });
}

function idOf(message: unknown): string | number | null {
  const id = isLooseObject(message) ? ownValue(message, "id") : null;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
