import type { IncomingMessage } from "node:http";
import { SkeinError, bodyErrors } from "../core/base/errors.ts";
import { gatherBytes } from "../core/base/gathered-bytes.ts";
import { isLooseObject } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { scanJson } from "../core/base/scan-json.ts";
import type { JsonFault } from "../core/base/scan-json.ts";
import type { BodyShare } from "./body-room.ts";
import { httpErrors } from "./errors.ts";

const megabyte = 1_024 * 1_024;

/** The largest body of a call, in bytes. */
export const largestBody = 4 * megabyte;

/** What a body turned out to be. */
export type Body =
  | { readonly kind: "json"; readonly value: unknown }
  /** `too-large` and `not-utf8` are told apart from what JSON itself forbids. */
  | { readonly kind: "fault"; readonly fault: BodyFault };

export type BodyFault = JsonFault | "too-large" | "not-utf8" | "not-json" | "cut-off" | "no-room";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A request whose body is to be read, and the room that there is for it. */
export interface Sent {
  readonly request: IncomingMessage;
  readonly room: BodyShare;
}

/** Reads a body whole, up to a limit, and refuses what parsers disagree on. Never rejects. */
export async function readBody(sent: Sent, limitBytes: number): Promise<Body> {
  const bytes = await readBytes(sent, limitBytes);
  if (!Buffer.isBuffer(bytes)) {
    return fault(bytes);
  }
  const text = decode(bytes);
  if (text === null) {
    return fault("not-utf8");
  }
  const scanned = scanJson(text);
  if (scanned !== null) {
    return fault(scanned);
  }
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return fault("not-json");
  }
}

function fault(of: BodyFault): Body {
  return { kind: "fault", fault: of };
}

function decode(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

function readBytes(
  { request, room }: Sent,
  limitBytes: number,
): Promise<Buffer | "too-large" | "cut-off" | "no-room"> {
  return new Promise((resolve) => {
    let gathered = gatherBytes();
    let size = 0;
    const onData = (part: Buffer): void => {
      size += part.length;
      if (size > limitBytes) {
        refuse("too-large");
      } else if (!room.take(part.length)) {
        refuse("no-room");
      } else {
        gathered.add(part);
      }
    };
    // What is left is read away, so that the answer gets through; who sends without end is cut off soon after it.
    const refuse = (why: "too-large" | "no-room"): void => {
      gathered = gatherBytes();
      request.off("data", onData);
      request.resume();
      resolve(why);
    };
    request.on("data", onData);
    request.once("end", () => {
      resolve(gathered.whole());
    });
    request.once("close", () => {
      resolve("cut-off");
    });
    request.once("error", () => {
      resolve("cut-off");
    });
    if (Number(request.headers["content-length"] ?? 0) > limitBytes) {
      refuse("too-large");
    }
  });
}

const faultWords: Readonly<Record<Exclude<BodyFault, "too-large">, string>> = {
  "not-utf8": "The body is not valid UTF-8.",
  "not-json": "The body is not valid JSON.",
  "cut-off": "The body ended before it was whole.",
  "too-deep": "The body nests too deeply.",
  "duplicate-key": "The body has the same key twice in one object.",
  "forbidden-key": "The body has a key that is not allowed.",
  "too-many-parts": "The body has too many parts.",
  "no-room": "Too many large bodies are on their way.",
};

/** Reads the JSON object that a call of the API bears. @throws {SkeinError} SKN-1935, SKN-1937, SKN-7931. */
export async function readObject(sent: Sent, limitBytes = largestBody): Promise<LooseObject> {
  const body = await readBody(sent, limitBytes);
  if (body.kind === "fault") {
    throw bodyError(body.fault, limitBytes);
  }
  if (!isLooseObject(body.value)) {
    throw new SkeinError(httpErrors.badRequest, { message: "The body is no JSON object." });
  }
  return body.value;
}

/** What a fault of a body is told as, at whichever door it came. */
export function bodyError(of: BodyFault, limitBytes: number): SkeinError {
  if (of === "no-room") {
    // The bodies that are here go first.
    return new SkeinError(httpErrors.overloaded, { message: faultWords[of], retryAfterMs: 2_000 });
  }
  if (of === "too-large") {
    return new SkeinError(bodyErrors.tooLarge, {
      message: `The body has more than ${String(limitBytes / megabyte)} MB, which is the most that is taken here.`,
      facts: { fault: of, limit_bytes: limitBytes },
    });
  }
  return new SkeinError(httpErrors.badRequest, { message: faultWords[of], facts: { fault: of } });
}
