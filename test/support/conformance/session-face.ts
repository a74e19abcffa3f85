import { randomUUID } from "node:crypto";
import {
  InMemoryServerEventBus,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";
import type { McpFace } from "../../../src/mcp/index.ts";
import { createFixtureServer } from "./fixture-server.ts";

/**
 * The fixture for clients up to 2025-11-25 with sessions, which Skein's own front has none of: a server can ask such a client something only
 * where it finds it again, and scenarios do that. Requests pass through the same front; only what answers them keeps sessions.
 */
export function createSessionFace(modern: McpFace): McpFace {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const greet = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      retryInterval: 50,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
      },
      onsessionclosed: (id) => {
        transports.delete(id);
      },
    });
    await createFixtureServer(new InMemoryServerEventBus()).connect(transport);
    return transport;
  };
  return {
    fetch: async (request, served) => {
      const { body } = served;
      if (!(await isLegacyRequest(request, body))) {
        return modern.fetch(request, served);
      }
      const id = request.headers.get("mcp-session-id");
      const known = id === null ? await greet() : transports.get(id);
      return (
        (await known?.handleRequest(request, body === undefined ? {} : { parsedBody: body })) ??
        new Response("No such session.", { status: 404 })
      );
    },
    close: async () => {
      await Promise.all([...transports.values()].map(async (transport) => transport.close()));
      await modern.close();
    },
  };
}

/** Keeps what a session was told, so that a client that comes back hears the rest. */
function createEventStore(): EventStore {
  const events: { readonly stream: string; readonly message: JSONRPCMessage }[] = [];
  return {
    storeEvent: async (stream, message) => {
      events.push({ stream, message });
      return Promise.resolve(String(events.length));
    },
    getStreamIdForEventId: async (id) => Promise.resolve(events[Number(id) - 1]?.stream),
    replayEventsAfter: async (id, { send }) => {
      const stream = events[Number(id) - 1]?.stream ?? "";
      for (const [index, event] of events.entries()) {
        if (index >= Number(id) && event.stream === stream) {
          await send(String(index + 1), event.message);
        }
      }
      return stream;
    },
  };
}
