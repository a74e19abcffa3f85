import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { UnknownRecord } from "../record.ts";

/** A request with other arguments. */
export function withArguments(message: JSONRPCMessage, body: UnknownRecord): JSONRPCMessage {
  return "method" in message
    ? { ...message, params: { ...message.params, arguments: body } }
    : message;
}
