import type {
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
  ServerEventBus,
} from "@modelcontextprotocol/server";

/** A tool under a name that scenarios of the official suite call. */
export interface FixtureTool {
  readonly name: string;
  readonly description: string;
  /** Default: no arguments. */
  readonly inputSchema?: Readonly<Record<string, unknown>> & { readonly type: "object" };
  run(call: FixtureCall): Promise<CallToolResult | InputRequiredResult>;
}

export interface FixtureCall {
  readonly server: Server;
  readonly ctx: ServerContext;
  readonly bus: ServerEventBus;
  readonly input: Readonly<Record<string, unknown>>;
}

export function textResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/** Tools whose answer is always the same. */
export function fixedTool(
  name: string,
  description: string,
  content: CallToolResult["content"],
): FixtureTool {
  return { name, description, run: async () => Promise.resolve({ content }) };
}
