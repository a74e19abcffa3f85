import { createMcpHandler, InMemoryServerEventBus } from "@modelcontextprotocol/server";
import type { McpServer, ServerEventBus } from "@modelcontextprotocol/server";
import type { McpContext } from "./context.ts";
import { createEventFollower } from "./event-follower.ts";
import type { EventFollower } from "./event-follower.ts";
import { touchedUris } from "./feed.ts";
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

/** Tells subscribers of what the log says; it is followed while there are any, once for all of them. */
function createLogBus(watcher: McpContext): ServerEventBus {
  const bus = new InMemoryServerEventBus();
  let listeners = 0;
  let follower: EventFollower | null = null;
  const follow = (): EventFollower => {
    const fresh = createEventFollower(watcher, async (events) => {
      for (const uri of touchedUris(events)) {
        bus.publish({ kind: "resource_updated", uri });
      }
      return Promise.resolve();
    });
    void fresh.start().catch((error: unknown) => {
      watcher.log(`subscriptions: ${String(error)}`);
    });
    return fresh;
  };
  return {
    publish: (event) => {
      bus.publish(event);
    },
    subscribe: (listener) => {
      const unsubscribe = bus.subscribe(listener);
      listeners += 1;
      follower ??= follow();
      let isOver = false;
      return () => {
        unsubscribe();
        listeners -= isOver ? 0 : 1;
        isOver = true;
        if (listeners === 0) {
          follower?.stop();
          follower = null;
        }
      };
    },
  };
}
