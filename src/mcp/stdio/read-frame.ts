import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
} from "@modelcontextprotocol/server";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { scanJson } from "../../core/base/scan-json.ts";
import type { JsonFault } from "../../core/base/scan-json.ts";
import { fieldAt, isRecord } from "../record.ts";

/** What one line of the wire turned out to be. */
export type Frame =
  | { readonly kind: "message"; readonly message: JSONRPCMessage }
  | {
      readonly kind: "fault";
      readonly id: FrameId;
      readonly code: FaultCode;
      readonly text: string;
    };

/** The id to answer to; null when the frame has none that can be believed. */
export type FrameId = string | number | null;

/** JSON-RPC's codes: cannot be parsed, is no request, has wrong parameters. */
export type FaultCode = -32_700 | -32_600 | -32_602;

const faultTexts: Readonly<Record<JsonFault, string>> = {
  "too-many-parts": "The message has too many parts.",
  "too-deep": "The message nests too deeply.",
  "duplicate-key": "The message has the same key twice in one object.",
  "forbidden-key": "The message has a key that is not allowed.",
};

/** Reads one line (without its line end) as a message of the protocol. Null for an empty line. */
export function readFrame(line: Uint8Array): Frame | null {
  const text = decode(line);
  if (text === null) {
    return fault(null, -32_700, "The message is not valid UTF-8.");
  }
  if (text.trim() === "") {
    return null;
  }
  const scanned = scanJson(text);
  const value = parse(text);
  if (value === undefined) {
    return fault(null, -32_700, "The message is not valid JSON.");
  }
  if (scanned !== null) {
    return fault(idOf(value), scanned === "too-deep" ? -32_700 : -32_600, faultTexts[scanned]);
  }
  return judge(value);
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decode(line: Uint8Array): string | null {
  try {
    return decoder.decode(line);
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function judge(value: unknown): Frame {
  if (Array.isArray(value)) {
    return fault(null, -32_600, "Batches are not served: send one message a line.");
  }
  if (
    isPlainRequest(value) ||
    isJSONRPCRequest(value) ||
    isJSONRPCNotification(value) ||
    isJSONRPCResponse(value)
  ) {
    return { kind: "message", message: value };
  }
  const id = idOf(value);
  return isRequestShaped(value)
    ? fault(id, -32_602, "The parameters of the message have the wrong form.")
    : fault(id, -32_600, "The message is not a JSON-RPC 2.0 request, notification or response.");
}

const fieldsOfRequest: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);

/**
 * True for a request in whose form nothing is left to judge; most are such, and the SDK's schema costs a process that rests between its calls more than
 * all else that is done with their lines. What the protocol itself says in `_meta` is left to the schema.
 */
function isPlainRequest(value: unknown): value is JSONRPCMessage {
  return isRequestShaped(value) && hasPlainParams(fieldAt(value, "params"));
}

function hasPlainParams(params: unknown): boolean {
  const meta = fieldAt(params, "_meta");
  return (
    (params === undefined || isRecord(params)) &&
    (meta === undefined || (isRecord(meta) && Object.entries(meta).every(isPlainMeta)))
  );
}

/** True for a field of `_meta` that the protocol has no form for, and for a token of progress that has its form. */
function isPlainMeta([key, value]: readonly [string, unknown]): boolean {
  return key === "progressToken"
    ? typeof value === "string" || Number.isSafeInteger(value)
    : !key.startsWith("io.modelcontextprotocol/");
}

function isRequestShaped(value: unknown): boolean {
  return (
    isRecord(value) &&
    value["jsonrpc"] === "2.0" &&
    typeof value["method"] === "string" &&
    idOf(value) !== null &&
    Object.keys(value).every((key) => fieldsOfRequest.has(key))
  );
}

function idOf(value: unknown): FrameId {
  const id = isRecord(value) ? value["id"] : null;
  return typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id)) ? id : null;
}

function fault(id: FrameId, code: FaultCode, text: string): Frame {
  return { kind: "fault", id, code, text };
}
