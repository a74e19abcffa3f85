import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import { catalog } from "../catalog.ts";
import { fieldAt, isRecord } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import type { AnyTool } from "../tool.ts";
import { forwarded } from "./forwarded.ts";

/** A call of a tool that changes the ledger, and asks for nothing else. */
export interface PlainRequest {
  readonly id: RequestId;
  readonly message: JSONRPCMessage;
  readonly tool: AnyTool;
  readonly input: UnknownRecord;
  readonly meta: unknown;
}

const plainParams: ReadonlySet<string> = new Set(["name", "arguments", "_meta"]);

/** What the protocol itself says in `_meta`, in editions in which each request tells its own. */
const ofProtocol = "io.modelcontextprotocol/";

/** Null for any other message. */
export function plainRequestIn(message: JSONRPCMessage): PlainRequest | null {
  const id = idIn(message, "id");
  const params = fieldAt(message, "params");
  if (fieldAt(message, "method") !== "tools/call" || id === null || !isRecord(params)) {
    return null;
  }
  const tool = toolOf(params["name"]);
  const { arguments: input = {}, _meta: meta } = params;
  const isOurs = tool !== undefined && isRecord(input) && isPlain(params, meta);
  return isOurs && fieldAt(input, "wait_seconds") === undefined
    ? { id, message, tool, input, meta }
    : null;
}

function toolOf(name: unknown): AnyTool | undefined {
  return typeof name === "string" && forwarded.has(name) ? catalog.get(name) : undefined;
}

function idIn(from: unknown, key: string): RequestId | null {
  const id = fieldAt(from, key);
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function isPlain(params: UnknownRecord, meta: unknown): boolean {
  return (
    Object.keys(params).every((key) => plainParams.has(key)) &&
    !Object.keys(Object(meta)).some((key) => key.startsWith(ofProtocol))
  );
}
