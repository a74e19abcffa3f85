import { ProtocolError } from "@modelcontextprotocol/server";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { currentBranchOf, headCommitOf } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { callerHeaders, worktreeName } from "../../adapters/server/caller-headers.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import type { Caller } from "../../core/dispatch/index.ts";
import { catalogTool, progressTeller } from "../call-tool.ts";
import { callerOf } from "../caller.ts";
import { clientNameOf } from "../client-name.ts";
import type { ReceivedCall } from "../call-tool.ts";
import type { McpContext } from "../context.ts";
import { asSkeinError, placeOf } from "../perform-call.ts";
import { argumentError, refusal, reply } from "../reply.ts";
import { fieldAt } from "../record.ts";
import type { ServerActs } from "../server-acts.ts";
import type { CommonInput } from "../tool.ts";
import { argumentsFor, handsInHead } from "./arguments.ts";
import { followRemote } from "./remote-follower.ts";
import { readRemoteResource } from "./remote-resource.ts";
import { progressIn, workFor } from "./work.ts";

/** What is between this process and a server. */
export interface RemoteSide {
  readonly client: ServerClient;
  /** The worktree on this machine; null where there is none. */
  readonly repository: Repository | null;
  readonly context: Pick<
    McpContext,
    "connection" | "cwd" | "env" | "log" | "newFaultId" | "processes"
  >;
}

/** How long a call is tried again while the server is away or busy, in milliseconds: hosts wait a minute. */
const patienceMs = 5_000;

/** The same acts as those of the project itself, asked of a server: nothing of the project is on this machine but its worktree. */
export function createRemoteActs(side: RemoteSide): ServerActs {
  return {
    callTool: async (received) => callRemoteTool(side, received),
    readResource: async (uri) => readRemoteResource(side.client, uri),
    follow: (onEvents) => followRemote(side, onEvents),
  };
}

async function callRemoteTool(side: RemoteSide, received: ReceivedCall): Promise<CallToolResult> {
  const { request, ctx } = received;
  const tool = catalogTool(request.params.name);
  const input = request.params.arguments ?? {};
  const prepared = tool.prepare(input);
  if (prepared.kind === "refused") {
    return refusal(argumentError(prepared.issues, Object.keys(tool.input.shape)));
  }
  try {
    const caller = identify(side, received, prepared.common);
    const { repository, context } = side;
    const place = placeOf(context, repository);
    const body = argumentsFor({ tool, input, place });
    const isHead = repository !== null && handsInHead(tool, input);
    const head = isHead ? headCommitOf(repository) : null;
    const work = await workFor({ tool, input, repository, env: context.env });
    const tell = progressTeller(ctx);
    const answer = await side.client.ask(`api/v1/tools/${tool.name}`, {
      body: { ...body, ...work },
      headers: callerHeaders({ ...caller, head, process: null }),
      // What asks models lasts: signs of life come meanwhile.
      ...(tool.effect === "asks" ? { onProgress: (told) => tell(progressIn(told)) } : {}),
      // Each call that changes something has a key, and with it is done once.
      isRepeatable: true,
      patienceMs,
      signal: ctx.mcpReq.signal,
    });
    return reply(answer);
  } catch (error) {
    if (error instanceof ProtocolError) {
      throw error;
    }
    return refusal(asSkeinError(side.context, error));
  }
}

function identify(
  { repository, context }: RemoteSide,
  received: ReceivedCall,
  input: CommonInput,
): Caller {
  return callerOf({
    input,
    meta: fieldAt(received.ctx.mcpReq, "_meta"),
    client: clientNameOf(received),
    surroundings: {
      env: context.env,
      connection: context.connection,
      ...context.processes(),
      gitDir: repository === null ? null : worktreeName(repository.gitDir),
      branch: () => (repository === null ? null : currentBranchOf(repository)),
    },
  });
}
