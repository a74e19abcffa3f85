import {
  CLIENT_INFO_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type {
  CallToolRequest,
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
} from "@modelcontextprotocol/server";
import { openAsking } from "./asking.ts";
import { catalog } from "./catalog.ts";
import type { McpContext } from "./context.ts";
import { asSkeinError, performCall } from "./perform-call.ts";
import { fieldAt } from "./record.ts";
import { refusal, reply } from "./reply.ts";
import type { TellProgress } from "./tool.ts";

/** A request as the SDK hands it over. */
export interface ReceivedCall {
  readonly server: Server;
  readonly request: CallToolRequest;
  readonly ctx: ServerContext;
}

/** Serves `tools/call`: whatever goes wrong becomes an answer that says what to do, and no call brings the server down. */
export async function callTool(
  context: McpContext,
  received: ReceivedCall,
): Promise<CallToolResult | InputRequiredResult> {
  const { server, request, ctx } = received;
  const tool = catalog.get(request.params.name);
  if (tool === undefined) {
    const names = [...catalog.keys()].join(", ");
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no such tool. There are: ${names}.`,
    );
  }
  const asking = openAsking(server, ctx, request.params.arguments ?? {});
  try {
    const answer = await performCall(context, {
      tool,
      input: asking.input,
      meta: fieldAt(ctx.mcpReq, "_meta"),
      client: clientName(server, ctx),
      signal: ctx.mcpReq.signal,
      askPerson: asking.askPerson,
      tellProgress: progressTeller(ctx),
    });
    return asking.instead() ?? reply(answer);
  } catch (error) {
    return refusal(asSkeinError(context, error));
  }
}

/** Clients that want to know give a token with the call; to others nothing is sent. */
function progressTeller({ mcpReq }: ServerContext): TellProgress {
  const token = fieldAt(fieldAt(mcpReq, "_meta"), "progressToken");
  if (typeof token !== "string" && typeof token !== "number") {
    return () => undefined;
  }
  return ({ done, total, message }) => {
    const params = { progressToken: token, progress: done, total, message };
    void mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function clientName(server: Server, ctx: ServerContext): string | null {
  const info = fieldAt(ctx.mcpReq.envelope, CLIENT_INFO_META_KEY);
  const name = fieldAt(info ?? server.getClientVersion(), "name");
  return typeof name === "string" && name !== "" ? name.slice(0, 80) : null;
}
