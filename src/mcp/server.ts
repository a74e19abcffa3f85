import { McpServer } from "@modelcontextprotocol/server";
import type { Server } from "@modelcontextprotocol/server";
import { callTool } from "./call-tool.ts";
import { catalog } from "./catalog.ts";
import type { McpContext } from "./context.ts";
import { createEventFollower } from "./event-follower.ts";
import { createFeed } from "./feed.ts";
import { instructions } from "./instructions.ts";
import { getPrompt, prompts } from "./prompts.ts";
import { readResource, resources, resourceTemplates } from "./resources.ts";
import { listTool } from "./schema.ts";
import type { ListedTool } from "./schema.ts";
import type { ServerActs } from "./server-acts.ts";

let listed: ListedTool[] | null = null;

/** The tools as every client sees them; made once, with the first request for them. */
export function listTools(): ListedTool[] {
  listed ??= [...catalog.values()].map((tool) => listTool(tool));
  return listed;
}

/** Lists that never change while the program runs. */
const staticList = { ttlMs: 3_600_000, cacheScope: "public" } as const;

const liveContent = { ttlMs: 0, cacheScope: "private" } as const;

/** Makes the server for one connection or one HTTP request. Cheap, and without state of its own: that is all in the context. */
export function createMcpServer(context: McpContext): McpServer {
  return createServerOver(context, {
    callTool: async (received) => callTool(context, received),
    readResource: async (uri) => readResource(context, uri),
    follow: (onEvents) => createEventFollower(context, onEvents),
  });
}

/** What every server has, whoever answers. */
export type Surface = Pick<McpContext, "version" | "onListen" | "log">;

/** The same server, its answers taken from these acts: tools, lists, prompts and instructions are the same for every client. */
export function createServerOver(context: Surface, acts: ServerActs): McpServer {
  const mcp = new McpServer(
    { name: "skein", title: "Skein", version: context.version },
    {
      instructions,
      capabilities: {
        tools: { listChanged: false },
        prompts: { listChanged: false },
        resources: { listChanged: false, subscribe: true },
      },
      cacheHints: {
        "tools/list": staticList,
        "prompts/list": staticList,
        "resources/list": staticList,
        "resources/templates/list": staticList,
        "resources/read": liveContent,
      },
    },
  );
  serveTools(acts, mcp.server);
  serveResources(context, acts, mcp.server);
  mcp.server.setRequestHandler("prompts/list", () => ({ prompts }));
  mcp.server.setRequestHandler("prompts/get", ({ params }) =>
    getPrompt(params.name, params.arguments),
  );
  return mcp;
}

function serveTools(acts: ServerActs, server: Server): void {
  server.setRequestHandler("tools/list", () => ({ tools: listTools() }));
  server.setRequestHandler("tools/call", async (request, ctx) =>
    acts.callTool({ server, request, ctx }),
  );
}

function serveResources(context: Surface, acts: ServerActs, server: Server): void {
  const feed = createFeed(acts, server);
  const listen = (uris: readonly string[]): void => {
    void feed.subscribeToAll(uris).catch((error: unknown) => {
      context.log(`subscriptions: ${String(error)}`);
    });
  };
  context.onListen.add(listen);
  Object.assign(server, {
    onclose: () => {
      context.onListen.delete(listen);
      feed.close();
    },
  });
  server.setRequestHandler("resources/list", () => ({ resources }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates }));
  server.setRequestHandler("resources/read", async ({ params }) => acts.readResource(params.uri));
  server.setRequestHandler("resources/subscribe", async ({ params }) => {
    await feed.subscribe(params.uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    feed.unsubscribe(params.uri);
    return {};
  });
}
