import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type {
  CallToolRequest,
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
} from "@modelcontextprotocol/server";
import { openAsking } from "./asking.ts";
import { catalog } from "./catalog.ts";
import { clientNameOf } from "./client-name.ts";
import type { McpContext } from "./context.ts";
import { asSkeinError, performCall } from "./perform-call.ts";
import { fieldAt } from "./record.ts";
import { refusal, reply } from "./reply.ts";
import type { AnyTool, TellProgress } from "./tool.ts";

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
  const tool = catalogTool(request.params.name);
  const asking = openAsking(server, ctx, request.params.arguments ?? {});
  try {
    const answer = await performCall(context, {
      tool,
      input: asking.input,
      meta: fieldAt(ctx.mcpReq, "_meta"),
      client: clientNameOf(received),
      signal: ctx.mcpReq.signal,
      askPerson: asking.askPerson,
      tellProgress: progressTeller(ctx),
    });
    return asking.instead() ?? reply(answer);
  } catch (error) {
    return refusal(asSkeinError(context, error));
  }
}

/** The tool of a name. @throws {ProtocolError} with the names that there are. */
export function catalogTool(name: string): AnyTool {
  const tool = catalog.get(name);
  if (tool === undefined) {
    const names = [...catalog.keys()].join(", ");
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no such tool. There are: ${names}.`,
    );
  }
  return tool;
}

/** Clients that want to know give a token with the call; to others nothing is sent. */
export function progressTeller({ mcpReq }: ServerContext): TellProgress {
  const token = fieldAt(fieldAt(mcpReq, "_meta"), "progressToken");
  if (typeof token !== "string" && typeof token !== "number") {
    return () => undefined;
  }
  return ({ done, total, message }) => {
    const params = { progressToken: token, progress: done, total, message };
    void mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}
