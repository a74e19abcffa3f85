import { CLIENT_INFO_META_KEY } from "@modelcontextprotocol/server";
import type { ReceivedCall } from "./call-tool.ts";
import { fieldAt } from "./record.ts";

/** The client's name for itself, or null. */
export function clientNameOf({ server, ctx }: Pick<ReceivedCall, "server" | "ctx">): string | null {
  const info = fieldAt(ctx.mcpReq.envelope, CLIENT_INFO_META_KEY);
  return clientNameIn(fieldAt(info ?? server.getClientVersion(), "name"));
}

/** A client's name, as much of it as is kept; null for none. */
export function clientNameIn(name: unknown): string | null {
  return typeof name === "string" && name !== "" ? name.slice(0, 80) : null;
}
