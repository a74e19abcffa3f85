import type {
  CallToolResult,
  InputRequiredResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import type { ReceivedCall } from "./call-tool.ts";
import type { EventFollower, OnEvents } from "./event-follower.ts";

/** Where a server's answers come from: the project itself, or another server that is asked for them. */
export interface ServerActs {
  callTool(this: void, received: ReceivedCall): Promise<CallToolResult | InputRequiredResult>;
  readResource(this: void, uri: string): Promise<ReadResourceResult>;
  /** Begins nothing before it is started. */
  follow(this: void, onEvents: OnEvents): EventFollower;
}
