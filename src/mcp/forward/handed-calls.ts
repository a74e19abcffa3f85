import { isAbsolute } from "node:path";
import { inWorktree } from "../../adapters/git/worktree-in-use.ts";
import type { HandedAnswer, HandedCall, ListenerDeps } from "../../adapters/leading/listener.ts";
import { callerText } from "../../adapters/server/caller-text.ts";
import { stampIn } from "../../adapters/server/process-stamp.ts";
import type { SkeinError } from "../../core/base/errors.ts";
import { ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { catalog } from "../catalog.ts";
import type { McpContext } from "../context.ts";
import { ensureWanted } from "../ensure-wanted.ts";
import { createHandleBook } from "../handles.ts";
import { asSkeinError, performCall } from "../perform-call.ts";
import type { PlainCall } from "../perform-call.ts";
import { createRemoteContext } from "../remote-context.ts";
import type { RemoteCaller, RemoteContextOptions } from "../remote-context.ts";
import { refusal, replyText } from "../reply.ts";
import { forwarded } from "./forwarded.ts";

/**
 * Does the calls that other processes of this user hand to this one, each as its own caller: with its worktree and branch, and with the process
 * by whose end its session ends. `ending` aborts when this process leads no more: those that wait are answered then.
 */
export function createHandedCalls(
  context: McpContext,
  ending: AbortSignal,
  handles = createHandleBook().of("handed"),
): ListenerDeps["serve"] {
  return async (call, signal): Promise<HandedAnswer> => {
    const tool = forwarded.has(call.tool) ? catalog.get(call.tool) : undefined;
    if (tool === undefined) {
      return { kind: "away" };
    }
    const root = rootIn(call.caller);
    const their = handedContext(context, {
      caller: callerIn(call.caller),
      connection: context.connection,
      handles,
      hurry: ending,
      root,
    });
    return performHanded(their, {
      tool,
      input: call.body,
      meta: undefined,
      client: callerText(ownText(call.caller, "client")),
      signal,
    });
  };
}

interface Handing extends Pick<
  RemoteContextOptions,
  "caller" | "connection" | "handles" | "hurry"
> {
  /** Of the caller's worktree. */
  readonly root: string | null;
}

/** What the tools know of a caller whose process is another one of this user: it asks here as it would ask there. */
export function handedContext(context: McpContext, { root, ...handing }: Handing): McpContext {
  return createRemoteContext({
    version: context.version,
    ...handing,
    principal: null,
    person: context.person,
    open: async () => context.open(),
    mayUse: () => undefined,
    under: async (name, work) => inWorktree(root, async () => context.under(name, work)),
    newFaultId: () => context.newFaultId(),
    log: (line) => {
      context.log(line);
    },
  });
}

/** Does a call as whoever handed it over, and gives its result as JSON. */
export async function performHanded(
  their: McpContext,
  call: Pick<PlainCall, "tool" | "input" | "meta" | "client" | "signal">,
): Promise<HandedAnswer> {
  const { signal } = call;
  try {
    const answer = await performCall(their, {
      ...call,
      ensureWanted: async (lockedAtMs) => ensureWanted(signal, lockedAtMs),
      askPerson: null,
      tellProgress: () => undefined,
    });
    return { kind: "answered", text: replyText(answer) };
  } catch (error) {
    const fault = asSkeinError(their, error);
    return isOfTheWay(fault)
      ? { kind: "away" }
      : { kind: "answered", text: JSON.stringify(refusal(fault)) };
  }
}

/** What says nothing of the call itself, as a full line of writers: its own process may do it. A session that calls too often is told so. */
function isOfTheWay({ kind, code }: SkeinError): boolean {
  return (kind === "unavailable" || kind === "timeout") && !code.startsWith("SKN-73");
}

/** What is believed of a caller is the same as of the other process's own calls: it is of the same user. */
function callerIn(caller: HandedCall["caller"]): RemoteCaller {
  const text = (name: string): string | null => callerText(ownText(caller, name));
  return {
    session: text("handle"),
    externalId: text("externalId"),
    parentExternalId: text("parentExternalId"),
    branch: text("branch"),
    head: text("head"),
    gitDir: text("gitDir"),
    process: stampIn(ownObject(caller, "process")),
  };
}

/** The root of the caller's worktree: it is on this machine, and another branch than this process's may be checked out there. */
function rootIn(caller: HandedCall["caller"]): string | null {
  return folderIn(caller, "root");
}

/** The full path of a folder of this machine; null where none is named. */
export function folderIn(said: LooseObject, name: string): string | null {
  const folder = ownText(said, name);
  return folder !== null && isAbsolute(folder) ? folder : null;
}
