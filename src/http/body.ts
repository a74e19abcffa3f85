import type { IncomingMessage } from "node:http";
import { SkeinError } from "../core/base/errors.ts";
import { isLooseObject } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { scanJson } from "../core/base/scan-json.ts";
import type { JsonFault } from "../core/base/scan-json.ts";
import { httpErrors } from "./errors.ts";

/** The largest body of a call, in bytes. */
export const largestBody = 4 * 1_024 * 1_024;

/** What a body turned out to be. */
export type Body =
  | { readonly kind: "json"; readonly value: unknown }
  /** `too-large` and `not-utf8` are told apart from what JSON itself forbids. */
  | { readonly kind: "fault"; readonly fault: BodyFault };

export type BodyFault = JsonFault | "too-large" | "not-utf8" | "not-json" | "cut-off";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a body whole, up to a limit, and refuses what parsers disagree on. Never rejects. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  const bytes = await readBytes(request, limitBytes);
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
  request: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | "too-large" | "cut-off"> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const onData = (part: Buffer): void => {
      size += part.length;
      if (size > limitBytes) {
        refuse();
      } else {
        parts.push(part);
      }
    };
    // What is left is read away, so that the answer gets through; who sends without end is cut off by the server's time limit.
    const refuse = (): void => {
      request.off("data", onData);
      request.resume();
      resolve("too-large");
    };
    request.on("data", onData);
    request.once("end", () => {
      resolve(parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts));
    });
    request.once("close", () => {
      resolve("cut-off");
    });
    request.once("error", () => {
      resolve("cut-off");
    });
    if (Number(request.headers["content-length"] ?? 0) > limitBytes) {
      refuse();
    }
  });
}

const faultWords: Readonly<Record<BodyFault, string>> = {
  "too-large": "The body is too large.",
  "not-utf8": "The body is not valid UTF-8.",
  "not-json": "The body is not valid JSON.",
  "cut-off": "The body ended before it was whole.",
  "too-deep": "The body nests too deeply.",
  "duplicate-key": "The body has the same key twice in one object.",
  "forbidden-key": "The body has a key that is not allowed.",
};

/** What a fault is called in words. */
export function faultText(of: BodyFault): string {
  return faultWords[of];
}

/** Reads the JSON object that a call of the API bears. @throws {SkeinError} SKN-1935. */
export async function readObject(
  request: IncomingMessage,
  limitBytes = largestBody,
): Promise<LooseObject> {
  const body = await readBody(request, limitBytes);
  if (body.kind === "fault") {
    throw new SkeinError(httpErrors.badRequest, {
      message: faultText(body.fault),
      facts: { fault: body.fault },
    });
  }
  if (!isLooseObject(body.value)) {
    throw new SkeinError(httpErrors.badRequest, { message: "The body is no JSON object." });
  }
  return body.value;
}
