import { callerHeaders } from "../../adapters/server/caller-headers.ts";
import { holdsWriteLock, stateOf } from "../../adapters/server/local-server.ts";
import type { LocalServer } from "../../adapters/server/local-server.ts";
import { callTool, catalogTool } from "../call-tool.ts";
import type { ReceivedCall } from "../call-tool.ts";
import { clientNameOf } from "../client-name.ts";
import type { McpContext } from "../context.ts";
import { createEventFollower } from "../event-follower.ts";
import { asSkeinError, identify, placeOf } from "../perform-call.ts";
import type { Identifying } from "../perform-call.ts";
import { fieldAt, isRecord } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import { refusal, reply } from "../reply.ts";
import { readResource } from "../resources.ts";
import type { ServerActs } from "../server-acts.ts";
import { argumentsFor } from "./arguments.ts";
import type { Leader } from "./leader.ts";

/** What changes the ledger and nothing else: reading goes to the file, and models and people are asked by this process. */
const forwarded: ReadonlySet<string> = new Set([
  "next_task",
  "update_task",
  "finish_task",
  "claim_files",
  "release_files",
  "send_message",
]);

/** The acts of a project on this machine: what changes it is done by the server that leads here, if there is one. */
export function createLocalActs(context: McpContext, leader: Leader | null): ServerActs {
  return {
    callTool: async (received) =>
      leader !== null && forwarded.has(received.request.params.name)
        ? callThrough(context, leader, received)
        : callTool(context, received),
    readResource: async (uri) => readResource(context, uri),
    follow: (onEvents) => createEventFollower(context, onEvents),
  };
}

/** Does a call through the leader; where that fails, on the file under the same key, so that it is done once. */
async function callThrough(
  context: McpContext,
  leader: Leader,
  received: ReceivedCall,
): ReturnType<ServerActs["callTool"]> {
  const { request, ctx } = received;
  const tool = catalogTool(request.params.name);
  const input = request.params.arguments ?? {};
  const prepared = tool.prepare(input);
  if (prepared.kind === "refused") {
    return callTool(context, received);
  }
  try {
    const project = await context.open();
    const body = argumentsFor({ tool, input, place: placeOf(context, project.repository) });
    const headers = callerOfCall(context, received, { project, input: prepared.common });
    const answer = await leader.ask({
      tool: tool.name,
      body,
      headers,
      isWaiting: Number(fieldAt(body, "wait_seconds") ?? 0) > 0,
      signal: ctx.mcpReq.signal,
    });
    return answer === null ? await callTool(context, withArguments(received, body)) : reply(answer);
  } catch (error) {
    return refusal(asSkeinError(context, error));
  }
}

/** The same caller as on the file, with the process by whose end the session ends. */
function callerOfCall(
  context: McpContext,
  received: ReceivedCall,
  asked: Identifying,
): Readonly<Record<string, string>> {
  const call = {
    meta: fieldAt(received.ctx.mcpReq, "_meta"),
    client: clientNameOf(received),
  };
  return callerHeaders(identify(context, call, asked));
}

function withArguments(received: ReceivedCall, body: UnknownRecord): ReceivedCall {
  const { request } = received;
  const params = { ...request.params, arguments: isRecord(body) ? { ...body } : {} };
  return { ...received, request: { ...request, params } };
}

/**
 * Ends a frozen leader that holds the store's lock: nobody could write until somebody woke it. SQLite takes back what it had begun, and
 * every call that it was told of is done again under its key. One that holds nothing is left as it is.
 */
export function endLockHolder(
  server: LocalServer,
  database: string,
  log: (line: string) => void,
): void {
  // Looked at anew: between the two its process may have gone on, or ended.
  if (stateOf(server) === "frozen" && holdsWriteLock(server.pid, database)) {
    log(`the server ${String(server.pid)} stands still and holds the store: it is ended`);
    endProcess(server.pid);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
