import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { errorBody } from "../../core/base/error-body.ts";
import { SkeinError, bodyErrors } from "../../core/base/errors.ts";
import { gatherBytes } from "../../core/base/gathered-bytes.ts";
import { parseLooseObject } from "../../core/base/loose-object.ts";
import type { Deliveries } from "../../core/hosting/index.ts";
import { describeDelivery } from "./describe.ts";
import { webhookPath } from "./manifest.ts";
import { beginSignature } from "./signature.ts";
import type { Signature } from "./signature.ts";

/** GitHub sends nothing that is longer. */
export const maxBodyBytes = 25 * 1_024 * 1_024;

/** What bodies may take together before any signature was seen; one that has hardly begun takes hardly any of it. */
const usualRoomBytes = 16 * maxBodyBytes;

export interface DoorOptions {
  /** One; two while it is replaced. */
  readonly secrets: readonly string[];
  readonly deliveries: Pick<Deliveries, "accept" | "counts">;
  /** Names that the server is called by; others get 403. */
  readonly hosts: ReadonlySet<string>;
  readonly manifest: object;
  /** How many bytes of bodies there may be at a time. Default 400 MB. */
  readonly roomBytes?: number | undefined;
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
  const room = { leftBytes: options.roomBytes ?? usualRoomBytes };
  const reply = async (request: IncomingMessage): Promise<Reply> => {
    const early = turnedAway(request, options);
    if (early !== null) {
      return early;
    }
    return request.method === "GET" ? look(request, options) : take(request, options, room);
  };
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    try {
      return await reply(request);
    } catch (error) {
      options.onFault(error);
      // GitHub lists it as failed, and it is asked for again later.
      return { status: 503, body: { error: "not stored" }, isLast: true };
    }
  };
  return (request, response) => {
    void answer(request).then((said) => send(response, said));
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

const guidForm = /^[0-9A-Za-z-]{8,64}$/u;
const eventForm = /^[a-z_]{1,64}$/u;

/** As every door of a server of Skein says it. */
const tooLarge: Reply = {
  status: 413,
  body: errorBody(
    new SkeinError(bodyErrors.tooLarge, {
      message: "The body has more than 25 MB, which is the most that is taken here.",
      facts: { fault: "too-large", limit_bytes: maxBodyBytes },
    }),
  ),
  isLast: true,
};
const unsigned: Reply = { status: 401, body: { error: "wrong signature" } };
const noDelivery: Reply = { status: 400, body: { error: "no delivery of GitHub" } };
const noJson: Reply = {
  status: 415,
  body: { error: "set the content type of the webhook to application/json" },
};

const busy: Reply = { status: 503, body: { error: "busy" }, isLast: true };

/** What bodies may still take. */
interface Room {
  leftBytes: number;
}

async function take(request: IncomingMessage, options: DoorOptions, room: Room): Promise<Reply> {
  if (Number(header(request, "content-length")) > maxBodyBytes) {
    return tooLarge;
  }
  const signature = beginSignature(options.secrets);
  const read = createReading(request, signature, room);
  try {
    const body = await read.body();
    if (!Buffer.isBuffer(body)) {
      return body;
    }
    return signature.isRight(header(request, "x-hub-signature-256"))
      ? await store(request, body.toString("utf8"), options)
      : unsigned;
  } finally {
    read.over();
  }
}

/** From here on the words are GitHub's, if not their own. */
async function store(
  request: IncomingMessage,
  text: string,
  { deliveries, onAccepted }: DoorOptions,
): Promise<Reply> {
  const guid = header(request, "x-github-delivery");
  const event = header(request, "x-github-event");
  if (!header(request, "content-type").startsWith("application/json")) {
    return noJson;
  }
  const payload = parseLooseObject(text);
  if (payload === null || !guidForm.test(guid) || !eventForm.test(event)) {
    return noDelivery;
  }
  const delivery = describeDelivery({ guid, event, text, payload });
  const outcome = await deliveries.accept(delivery);
  if (outcome === "accepted" && !delivery.isIdle) {
    onAccepted();
  }
  return { status: 202, body: { [outcome]: guid } };
}

/** Empty when it is missing, or there more than once. */
function header({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

interface Reading {
  /** All bytes, or what is answered when there are too many. */
  body(): Promise<Buffer | Reply>;
  /** Gives the room back. */
  over(): void;
}

function createReading(request: IncomingMessage, signature: Signature, room: Room): Reading {
  const gathered = gatherBytes();
  let bytes = 0;
  return {
    body: async () => {
      // Left before its end it stays open, so that the refusal is heard.
      const read: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
      for await (const chunk of read) {
        if (bytes + chunk.byteLength > maxBodyBytes) {
          return tooLarge;
        }
        if (chunk.byteLength > room.leftBytes) {
          return busy;
        }
        bytes += chunk.byteLength;
        room.leftBytes -= chunk.byteLength;
        signature.update(chunk);
        gathered.add(chunk);
      }
      return gathered.whole();
    },
    over: () => {
      room.leftBytes += bytes;
    },
  };
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
