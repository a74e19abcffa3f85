import {
  CLIENT_INFO_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type {
  CallToolRequest,
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
} from "@modelcontextprotocol/server";
import { SkeinError } from "../core/base/errors.ts";
import type { Actor } from "../core/base/ids.ts";
import type { Caller } from "../core/dispatch/index.ts";
import { openAsking } from "./asking.ts";
import { branchAt } from "./branch.ts";
import { callerOf } from "./caller.ts";
import { catalog } from "./catalog.ts";
import type { McpContext, OpenProject } from "./context.ts";
import { mcpErrors } from "./errors.ts";
import { fieldAt } from "./record.ts";
import { argumentError, refusal, reply } from "./reply.ts";
import { timeCall } from "./time-call.ts";
import type { CommonInput, TellProgress } from "./tool.ts";

/** A request as the SDK hands it over. */
export interface ReceivedCall {
  readonly server: Server;
  readonly request: CallToolRequest;
  readonly ctx: ServerContext;
}

/** Serves `tools/call`: whatever goes wrong becomes an answer that says what to do, and no call brings the server down. */
export async function callTool(
  context: McpContext,
  received: ReceivedCall,
): Promise<CallToolResult | InputRequiredResult> {
  const { server, request, ctx } = received;
  const tool = catalog.get(request.params.name);
  if (tool === undefined) {
    const names = [...catalog.keys()].join(", ");
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no such tool. There are: ${names}.`,
    );
  }
  const asking = openAsking(server, ctx, request.params.arguments ?? {});
  const prepared = tool.prepare(asking.input);
  if (prepared.kind === "refused") {
    return refusal(argumentError(prepared.issues, Object.keys(tool.input.shape)));
  }
  try {
    const project = await context.open();
    const answer = await timeCall(project.skein.meter, tool.name, async () =>
      asKnown(
        context,
        identify(context, received, { project, input: prepared.common }),
        async (caller) =>
          prepared.run(project.skein, {
            caller,
            signal: ctx.mcpReq.signal,
            place: { root: project.repository.root, cwd: context.cwd },
            askPerson: asking.askPerson,
            person: personOf(context),
            reviews: project.reviews,
            planning: project.planning,
            tellProgress: progressTeller(ctx),
          }),
      ),
    );
    return asking.instead() ?? reply(answer);
  } catch (error) {
    return refusal(asSkeinError(context, error));
  }
}

/** Clients that want to know give a token with the call; to others nothing is sent. */
function progressTeller({ mcpReq }: ServerContext): TellProgress {
  const token = fieldAt(fieldAt(mcpReq, "_meta"), "progressToken");
  if (typeof token !== "string" && typeof token !== "number") {
    return () => undefined;
  }
  return ({ done, total, message }) => {
    const params = { progressToken: token, progress: done, total, message };
    void mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function identify(
  context: McpContext,
  { server, ctx }: ReceivedCall,
  { project, input }: { readonly project: OpenProject; readonly input: CommonInput },
): Caller {
  const { repository } = project;
  return callerOf({
    input,
    meta: fieldAt(ctx.mcpReq, "_meta"),
    client: clientName(server, ctx),
    surroundings: {
      env: context.env,
      connection: context.connection,
      ...context.processes(),
      gitDir: repository.gitDir,
      branch: () => branchAt(repository.gitDir),
    },
  });
}

function clientName(server: Server, ctx: ServerContext): string | null {
  const info = fieldAt(ctx.mcpReq.envelope, CLIENT_INFO_META_KEY);
  const name = fieldAt(info ?? server.getClientVersion(), "name");
  return typeof name === "string" && name !== "" ? name.slice(0, 80) : null;
}

type Answer = Readonly<Record<string, unknown>>;

/**
 * Calls under the handle that was given to this caller before, so that a call neither mints a handle nor searches for the session. When
 * that session has ended meanwhile, the caller joins anew.
 */
async function asKnown(
  { handles }: McpContext,
  caller: Caller,
  run: (caller: Caller) => Promise<Answer>,
): Promise<Answer> {
  const { externalId } = caller;
  if (caller.handle !== null || externalId === null) {
    return run(caller);
  }
  const handle = handles.get(externalId) ?? null;
  const answer = await run({ ...caller, handle }).catch(async (error: unknown) => {
    if (handle === null || !(error instanceof SkeinError) || error.kind !== "auth") {
      throw error;
    }
    handles.delete(externalId);
    return run(caller);
  });
  if (typeof answer["session"] === "string") {
    handles.set(externalId, answer["session"]);
  }
  return answer;
}

function personOf({ env }: McpContext): Actor {
  return `person:${env["USER"] ?? env["USERNAME"] ?? "somebody"}`;
}

/** What is no promise of ours is a fault of ours: it is logged under an id, and the agent hears the id only. */
export function asSkeinError(context: McpContext, error: unknown): SkeinError {
  if (error instanceof SkeinError) {
    return error;
  }
  const id = context.newFaultId();
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.log(`internal error ${id}: ${detail}`);
  return new SkeinError(mcpErrors.bug, {
    message: `Internal error ${id}.`,
    facts: { id },
    cause: error,
  });
}
