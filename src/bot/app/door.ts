import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { parseLooseObject } from "../../core/base/loose-object.ts";
import type { Deliveries } from "../../core/hosting/index.ts";
import { describeDelivery } from "./describe.ts";
import { webhookPath } from "./manifest.ts";
import { beginSignature } from "./signature.ts";
import type { Signature } from "./signature.ts";

/** GitHub sends nothing that is longer. */
export const maxBodyBytes = 25 * 1_024 * 1_024;

/** Bodies that are read at once: 25 MB each would else fill the memory before any signature was seen. */
const maxBodies = 16;

export interface DoorOptions {
  /** One; two while it is replaced. */
  readonly secrets: readonly string[];
  readonly deliveries: Pick<Deliveries, "accept" | "counts">;
  /** Names that the server is called by; others get 403. */
  readonly hosts: ReadonlySet<string>;
  readonly manifest: object;
  /** Called after a delivery is stored. */
  readonly onAccepted: () => void;
  /** Told of what went wrong on our side. */
  readonly onFault: (error: unknown) => void;
}

/** What is answered: a status and a word for people who look at GitHub's list of deliveries. */
interface Reply {
  readonly status: number;
  readonly body: object;
  /** Also closes the connection: the rest of what is sent is not read. */
  readonly isLast?: boolean | undefined;
}

/**
 * The server's door. A delivery is answered when its signature is right and it is stored, and worked on later; a forged one is not parsed.
 */
export function createDoor(options: DoorOptions): RequestListener {
  let bodies = 0;
  const reply = async (request: IncomingMessage): Promise<Reply> => {
    const early = turnedAway(request, options);
    if (early !== null) {
      return early;
    }
    if (request.method === "GET") {
      return look(request, options);
    }
    if (bodies >= maxBodies) {
      return { status: 503, body: { error: "busy" }, isLast: true };
    }
    bodies += 1;
    try {
      return await take(request, options);
    } finally {
      bodies -= 1;
    }
  };
  return (request, response) => {
    reply(request)
      .catch((error: unknown): Reply => {
        options.onFault(error);
        // GitHub lists it as failed, and it is asked for again later.
        return { status: 503, body: { error: "not stored" }, isLast: true };
      })
      .then((answer) => {
        send(response, answer);
      })
      .catch(options.onFault);
  };
}

function turnedAway(request: IncomingMessage, { hosts }: DoorOptions): Reply | null {
  const { method, headers } = request;
  const name = (headers.host ?? "").toLowerCase().replace(/:\d+$/u, "");
  if (!hosts.has(name)) {
    return { status: 403, body: { error: "unknown host" }, isLast: true };
  }
  const isHook = pathOf(request) === webhookPath;
  if (method === "GET" ? isHook : !isHook) {
    return { status: isHook ? 405 : 404, body: { error: "nothing here" }, isLast: true };
  }
  if (method !== "GET" && method !== "POST") {
    return { status: 405, body: { error: "POST only" }, isLast: true };
  }
  return null;
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}

async function look(
  request: IncomingMessage,
  { deliveries, manifest }: DoorOptions,
): Promise<Reply> {
  switch (pathOf(request)) {
    case "/healthz":
      return { status: 200, body: { ok: true } };
    case "/readyz":
      return { status: 200, body: { ok: true, deliveries: await deliveries.counts() } };
    case "/manifest":
      return { status: 200, body: manifest };
    default:
      return { status: 404, body: { error: "nothing here" } };
  }
}

const names = {
  guid: /^[0-9A-Za-z-]{8,64}$/u,
  event: /^[a-z_]{1,64}$/u,
};

async function take(request: IncomingMessage, options: DoorOptions): Promise<Reply> {
  const { headers } = request;
  const guid = header(request, "x-github-delivery");
  const event = header(request, "x-github-event");
  const isJson = (headers["content-type"] ?? "").split(";", 1)[0]?.trim() === "application/json";
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) {
    return { status: 413, body: { error: "too large" }, isLast: true };
  }
  const signature = beginSignature(options.secrets);
  const body = await readBody(request, signature);
  if (body === null) {
    return { status: 413, body: { error: "too large" }, isLast: true };
  }
  if (!signature.isRight(header(request, "x-hub-signature-256"))) {
    return { status: 401, body: { error: "wrong signature" } };
  }
  if (!isJson) {
    return { status: 415, body: { error: "set the content type of the webhook to JSON" } };
  }
  if (!names.guid.test(guid) || !names.event.test(event)) {
    return { status: 400, body: { error: "no delivery of GitHub" } };
  }
  const text = body.toString("utf8");
  const payload = parseLooseObject(text);
  if (payload === null) {
    return { status: 400, body: { error: "no JSON object" } };
  }
  const delivery = describeDelivery({ guid, event, text, payload });
  const outcome = await options.deliveries.accept(delivery);
  if (outcome === "accepted" && !delivery.isIdle) {
    options.onAccepted();
  }
  return { status: 202, body: { [outcome]: guid } };
}

/** Empty when it is missing, or there more than once. */
function header({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** All bytes, or null when there are too many. */
async function readBody(request: IncomingMessage, signature: Signature): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) {
      return null;
    }
    signature.update(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function send(response: ServerResponse, { status, body, isLast = false }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
    ...(isLast ? { connection: "close" } : {}),
    ...(status === 503 ? { "retry-after": "5" } : {}),
  });
  response.end(text);
}
