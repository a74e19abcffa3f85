import {
  fromJsonSchema,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type {
  GetPromptResult,
  InputRequiredResult,
  Prompt,
  ReadResourceResult,
  Server,
  ServerContext,
  ServerEventBus,
} from "@modelcontextprotocol/server";
import { png } from "./contents.ts";
import { textResult } from "./fixture-tool.ts";
import type { FixtureTool } from "./fixture-tool.ts";
import { plainTools } from "./plain-tools.ts";
import { pushingTools } from "./pushing-tools.ts";
import { promptRound, roundTools, stateCodec } from "./round-tools.ts";

const headerSchema = {
  type: "object" as const,
  properties: { region: { type: "string" as const, "x-mcp-header": "Region" } },
};

const headerTool: FixtureTool = {
  name: "test_x_mcp_header",
  description: "Has an argument that stands in a header, too.",
  inputSchema: headerSchema,
  run: async ({ input }) => Promise.resolve(textResult(`Region: ${String(input["region"])}`)),
};

const tools = new Map(
  [...plainTools, ...pushingTools, ...roundTools, headerTool].map((tool) => [tool.name, tool]),
);

const list = { ttlMs: 60_000, cacheScope: "public" } as const;

/** A server with what the official suite's scenarios ask for by name, in the place of Skein's own in the same HTTP front. */
export function createFixtureServer(bus: ServerEventBus): McpServer {
  const mcp = new McpServer(
    { name: "fixture", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: false, subscribe: true },
        completions: {},
        logging: {},
      },
      cacheHints: {
        "tools/list": list,
        "prompts/list": list,
        "resources/list": list,
        "resources/templates/list": list,
        "resources/read": list,
      },
      requestState: { verify: async (state, ctx) => stateCodec.verify(state, ctx) },
    },
  );
  // Headers are held against the schemas of registered tools; everything else is answered below, as Skein's own server does.
  mcp.registerTool(headerTool.name, { inputSchema: fromJsonSchema(headerSchema) }, () =>
    textResult(""),
  );
  serveTools(mcp.server, bus);
  serveResources(mcp.server);
  servePrompts(mcp.server);
  return mcp;
}

function serveTools(server: Server, bus: ServerEventBus): void {
  server.setRequestHandler("tools/list", () => ({
    tools: [...tools.values()].map(({ name, description, inputSchema = { type: "object" } }) => ({
      name,
      description,
      inputSchema,
    })),
  }));
  server.setRequestHandler("tools/call", async ({ params }, ctx) => {
    const tool = tools.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No tool ${params.name}.`);
    }
    return tool.run({ server, ctx, bus, input: params.arguments ?? {} });
  });
}

function serveResources(server: Server): void {
  server.setRequestHandler("resources/list", () => ({
    resources: [
      { uri: "test://static-text", name: "text", mimeType: "text/plain" },
      { uri: "test://static-binary", name: "image", mimeType: "image/png" },
      { uri: "test://watched-resource", name: "watched", mimeType: "text/plain" },
    ],
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => readResource(uri));
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function readResource(uri: string): ReadResourceResult {
  if (uri === "test://static-binary") {
    return { contents: [{ uri, mimeType: "image/png", blob: png }] };
  }
  if (uri === "test://static-text" || uri === "test://watched-resource") {
    return { contents: [{ uri, mimeType: "text/plain", text: "What stands here stays." }] };
  }
  const id = /^test:\/\/template\/([^/]+)\/data$/u.exec(uri)?.[1];
  if (id === undefined) {
    throw new ResourceNotFoundError(uri);
  }
  return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify({ id }) }] };
}

const required = (name: string): NonNullable<Prompt["arguments"]>[number] => ({
  name,
  description: `What stands for ${name}`,
  required: true,
});

const prompts: Prompt[] = [
  { name: "test_simple_prompt", description: "A text." },
  {
    name: "test_prompt_with_arguments",
    description: "A text of two arguments.",
    arguments: [required("arg1"), required("arg2")],
  },
  {
    name: "test_prompt_with_embedded_resource",
    description: "A resource and a text.",
    arguments: [required("resourceUri")],
  },
  { name: "test_prompt_with_image", description: "An image and a text." },
  { name: "test_input_required_result_prompt", description: "Asks what it is about." },
];

function servePrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({ prompts }));
  server.setRequestHandler("prompts/get", ({ params }, ctx) =>
    getPrompt(params.name, params.arguments ?? {}, ctx),
  );
  server.setRequestHandler("completion/complete", ({ params }) => {
    const values = ["paris", "park", "party", "test"].filter((word) =>
      word.startsWith(params.argument.value),
    );
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

type Content = GetPromptResult["messages"][number]["content"];

function getPrompt(
  name: string,
  given: Readonly<Record<string, string>>,
  ctx: ServerContext,
): GetPromptResult | InputRequiredResult {
  switch (name) {
    case "test_simple_prompt":
      return saying({ type: "text", text: "A simple prompt." });
    case "test_prompt_with_arguments":
      return saying({ type: "text", text: `${given["arg1"] ?? ""}, ${given["arg2"] ?? ""}` });
    case "test_prompt_with_embedded_resource": {
      const resource = { uri: given["resourceUri"] ?? "", mimeType: "text/plain", text: "Inside." };
      return saying({ type: "resource", resource }, { type: "text", text: "Look at it." });
    }
    case "test_prompt_with_image":
      return saying(
        { type: "image", data: png, mimeType: "image/png" },
        { type: "text", text: "Look at it." },
      );
    case "test_input_required_result_prompt": {
      const round = promptRound(ctx);
      return typeof round === "string" ? saying({ type: "text", text: round }) : round;
    }
    default:
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No prompt ${name}.`);
  }
}

function saying(...contents: readonly Content[]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: "user" as const, content })) };
}
