import { currentBranchOf, headCommitOf } from "../adapters/git/index.ts";
import type { Repository } from "../adapters/git/index.ts";
import { isAllowed } from "../core/access/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import type { Caller } from "../core/dispatch/index.ts";
import { callerOf } from "./caller.ts";
import type { McpContext, OpenProject } from "./context.ts";
import { mcpErrors } from "./errors.ts";
import type { SentWork } from "../sent-work.ts";
import type { PathInRepository } from "./paths.ts";
import { argumentError } from "./reply.ts";
import { timeCall } from "./time-call.ts";
import type { AnyTool, AskPerson, CommonInput, TellProgress } from "./tool.ts";

/** A call of a tool, whatever brought it. */
export interface PlainCall {
  readonly tool: AnyTool;
  readonly input: unknown;
  /** The `_meta` of the request, as the host filled it. */
  readonly meta: unknown;
  /** As the client introduced itself, or null. */
  readonly client: string | null;
  readonly signal: AbortSignal;
  readonly askPerson: AskPerson | null;
  readonly tellProgress: TellProgress;
  /** See `Caller`. Default: nobody gives up. */
  readonly ensureWanted?: Caller["ensureWanted"];
  /** What the caller sent of its repository. Default: nothing. */
  readonly sent?: SentWork | undefined;
}

export type PlainAnswer = Readonly<Record<string, unknown>>;

/** Runs a call from its arguments to its answer. @throws {SkeinError} for whatever goes wrong; a fault of ours is logged and named by an id. */
export async function performCall(context: McpContext, call: PlainCall): Promise<PlainAnswer> {
  try {
    const { tool } = call;
    context.mayUse(tool.name);
    const prepared = tool.prepare(call.input);
    if (prepared.kind === "refused") {
      throw argumentError(prepared.issues, Object.keys(tool.input.shape));
    }
    const project = await context.open();
    const identified = identify(context, call, { project, input: prepared.common });
    const { ensureAdmitted } = context;
    const caller = { ...identified, ensureAdmitted, ensureWanted: call.ensureWanted };
    const run = async (known: Caller): Promise<PlainAnswer> =>
      prepared.run(project.skein, {
        caller: known,
        signal: hurried(context, call.signal),
        place: placeOf(context, project.repository),
        head: () => headOf(context, project.repository),
        askPerson: personAt(context, call.askPerson),
        person: context.person,
        reviews: project.reviews,
        planning: project.planning,
        tellProgress: call.tellProgress,
        sent: call.sent ?? { change: null, tree: null },
      });
    return await context.under(tool.name, async () =>
      timeCall(project.skein.meter, tool.name, async () => asKnown(context, caller, run)),
    );
  } catch (error) {
    throw asSkeinError(context, error);
  }
}

function hurried({ hurry }: McpContext, signal: AbortSignal): AbortSignal {
  return hurry === null ? signal : AbortSignal.any([hurry, signal]);
}

/** Where paths of a call are relative to; null for callers of other machines. */
export function placeOf(
  { cwd }: Pick<McpContext, "cwd">,
  repository: Repository | null,
): PathInRepository | null {
  return cwd === null || repository === null ? null : { root: repository.root, cwd };
}

function headOf({ cwd, worktree }: McpContext, repository: Repository | null): string | null {
  return cwd === null || repository === null ? (worktree?.head ?? null) : headCommitOf(repository);
}

/** The project and the particulars of a call, by which its caller is told. */
export interface Identifying {
  readonly project: OpenProject;
  readonly input: CommonInput;
}

/** Who makes a call, as far as it and its surroundings tell. */
export function identify(
  context: McpContext,
  { meta, client }: Pick<PlainCall, "meta" | "client">,
  { project, input }: Identifying,
): Caller {
  const { worktree, principal } = context;
  const here = context.cwd === null ? null : project.repository;
  const caller = callerOf({
    input,
    meta,
    client,
    surroundings: {
      env: context.env,
      connection: context.connection,
      ...context.processes(),
      gitDir: here?.gitDir ?? worktree?.gitDir ?? null,
      branch: () => (here === null ? (worktree?.branch ?? null) : currentBranchOf(here)),
    },
  });
  return { ...caller, principal };
}

/** A client tells who answered; only of principals who may answer for people is it believed that a person did. */
function personAt({ principal }: McpContext, askPerson: AskPerson | null): AskPerson | null {
  return principal === null || isAllowed(principal, "command:approve") ? askPerson : null;
}

/**
 * Calls under the handle that was given to this caller before, so that a call neither mints a handle nor searches for the session. When
 * that session has ended meanwhile, the caller joins anew.
 */
async function asKnown(
  { handles }: McpContext,
  caller: Caller,
  run: (caller: Caller) => Promise<PlainAnswer>,
): Promise<PlainAnswer> {
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

/** What is no promise of ours is a fault of ours: it is logged under an id, and the agent hears the id only. */
export function asSkeinError(
  { newFaultId, log }: Pick<McpContext, "newFaultId" | "log">,
  error: unknown,
): SkeinError {
  if (error instanceof SkeinError) {
    return error;
  }
  const id = newFaultId();
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`internal error ${id}: ${detail}`);
  return new SkeinError(mcpErrors.bug, {
    message: `Internal error ${id}.`,
    facts: { id },
    cause: error,
  });
}
