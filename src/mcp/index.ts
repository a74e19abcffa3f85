export { catalog } from "./catalog.ts";
export type { McpContext, OpenProject } from "./context.ts";
export { createMcpContext, runMcpServer } from "./main.ts";
export { openStandardInput } from "./stdio/standard-input.ts";
export type { McpServerOptions, McpStreams } from "./main.ts";
export { createMcpServer, listTools } from "./server.ts";
export { reviewedToolsHash, toolsHash } from "./tools-hash.ts";
