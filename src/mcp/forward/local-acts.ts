import { serverErrors } from "../../adapters/server/errors.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { holdsWriteLock, stateOf } from "../../adapters/server/local-server.ts";
import type { NamedProcess } from "../../adapters/server/local-server.ts";
import { callTool, catalogTool } from "../call-tool.ts";
import type { ReceivedCall } from "../call-tool.ts";
import { clientNameOf } from "../client-name.ts";
import type { McpContext } from "../context.ts";
import { createEventFollower } from "../event-follower.ts";
import { asSkeinError } from "../perform-call.ts";
import { fieldAt, isRecord } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import { refusal } from "../reply.ts";
import { readResource } from "../resources.ts";
import type { ServerActs } from "../server-acts.ts";
import type { Candidate } from "./candidate.ts";
import { forwarded } from "./forwarded.ts";
import type { Leader } from "./leader.ts";
import { leaderCallOf } from "./leader-call.ts";

/** Who may do a change: whoever leads, or this process, which may come to lead. */
export interface Leading {
  readonly leader: Leader;
  readonly candidate: Candidate;
}

/** The acts of a project on this machine: what changes it is done by the process that leads here, if there is one. */
export function createLocalActs(context: McpContext, leading: Leading | null): ServerActs {
  return {
    callTool: async (received) =>
      leading !== null && forwarded.has(received.request.params.name)
        ? callThrough(context, leading, received)
        : callTool(context, received),
    readResource: async (uri) => readResource(context, uri),
    follow: (onEvents) => createEventFollower(context, onEvents),
  };
}

/** Does a call through the leader; where that fails, on the file under the same key, so that it is done once. */
async function callThrough(
  context: McpContext,
  { leader, candidate }: Leading,
  received: ReceivedCall,
): ReturnType<ServerActs["callTool"]> {
  const { request, ctx } = received;
  const tool = catalogTool(request.params.name);
  try {
    const project = await context.open();
    const call = leaderCallOf(context, {
      tool,
      input: request.params.arguments ?? {},
      meta: fieldAt(ctx.mcpReq, "_meta"),
      client: clientNameOf(received),
      signal: ctx.mcpReq.signal,
      project,
    });
    const result = candidate.isLeading() ? null : await leader.ask(call);
    if (result !== null) {
      return result;
    }
    if (ctx.mcpReq.signal.aborted) {
      // Nobody would hear what is done now: a task would lie there until its session is given up.
      return refusal(new SkeinError(serverErrors.unclear));
    }
    const own = await callTool(context, withArguments(received, call.body));
    candidate.worked(project.skein.store.load());
    return own;
  } catch (error) {
    return refusal(asSkeinError(context, error));
  }
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
  leader: NamedProcess,
  database: string,
  log: (line: string) => void,
): void {
  // Looked at anew: between the two its process may have gone on, or ended.
  if (stateOf(leader) === "frozen" && holdsWriteLock(leader.pid, database)) {
    log(
      `process ${String(leader.pid)}, which leads, stands still and holds the store: it is ended`,
    );
    endProcess(leader.pid);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
