import { createMcpHandler } from "@modelcontextprotocol/server";
import type { McpServer, ServerEventBus } from "@modelcontextprotocol/server";
import type { McpContext } from "./context.ts";
import { createLogBus } from "./log-bus.ts";
import { createMcpServer } from "./server.ts";

/** One project's tools over streamable HTTP, for clients of all revisions; without protocol sessions. */
export interface McpFace {
  /** Answers one request. `body` is its parsed JSON, undefined where it has none. */
  fetch(request: Request, served: ServedRequest): Promise<Response>;
  /** Ends open streams. */
  close(): Promise<void>;
}

export interface ServedRequest {
  readonly body: unknown;
  /** What is known of the caller. */
  readonly context: McpContext;
}

/** Makes the server that answers one request, and tells subscribers over the bus. */
export type MakeMcpServer = (context: McpContext, bus: ServerEventBus) => McpServer;

/** Makes the face of a project; `watcher` is the context under which the log is followed for subscribers. Default: Skein's own server. */
export function createMcpFace(watcher: McpContext, make: MakeMcpServer = createMcpServer): McpFace {
  const contexts = new WeakMap<Request, McpContext>();
  const bus = createLogBus(watcher);
  const handler = createMcpHandler(
    ({ requestInfo }) =>
      make((requestInfo === undefined ? undefined : contexts.get(requestInfo)) ?? watcher, bus),
    { bus },
  );
  return {
    fetch: async (request, { body, context }) => {
      contexts.set(request, context);
      return handler.fetch(request, body === undefined ? {} : { parsedBody: body });
    },
    close: handler.close,
  };
}
