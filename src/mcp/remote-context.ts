import type { Caller } from "../core/dispatch/index.ts";
import type { Actor } from "../core/base/ids.ts";
import type { ProcessStamp } from "../core/sessions/index.ts";
import type { McpContext, OpenProject } from "./context.ts";
import type { Handles } from "./handles.ts";

/** What a caller on another machine says of itself. None of it proves anything. */
export interface RemoteCaller {
  /** A session's handle. */
  readonly session: string | null;
  /** What its host calls the agent, as `codex:0199…`. */
  readonly externalId: string | null;
  /** The same for the agent that it works for. */
  readonly parentExternalId: string | null;
  readonly branch: string | null;
  /** The commit that its worktree stands at; null where it does not say so. */
  readonly head: string | null;
  /** Names its worktree: compared, never opened. */
  readonly gitDir: string | null;
  /** The process by whose end its session ends; null for callers of other machines. */
  readonly process: ProcessStamp | null;
}

/** One caller of one project of a server. */
export interface RemoteContextOptions {
  readonly version: string;
  readonly caller: RemoteCaller;
  /** Names the caller where it says nothing of itself; the same for all of its calls. */
  readonly connection: string;
  readonly principal: NonNullable<Caller["principal"]> | null;
  readonly person: Actor;
  readonly handles: Handles;
  readonly hurry: AbortSignal | null;
  open(): Promise<OpenProject>;
  readonly ensureAdmitted?: Caller["ensureAdmitted"];
  mayUse(tool: string): void;
  under<T>(tool: string, work: () => Promise<T>): Promise<T>;
  newFaultId(): string;
  log(line: string): void;
}

/**
 * What the tools know of a caller that came over the network: no working directory, no process that this machine could look at, and nobody's
 * environment but what it says.
 */
export function createRemoteContext(options: RemoteContextOptions): McpContext {
  const { caller, ...rest } = options;
  return {
    ...rest,
    cwd: null,
    env: {
      SKEIN_SESSION: caller.session ?? undefined,
      SKEIN_EXTERNAL_ID: caller.externalId ?? undefined,
      SKEIN_PARENT_EXTERNAL_ID: caller.parentExternalId ?? undefined,
    },
    worktree: { gitDir: caller.gitDir, branch: caller.branch, head: caller.head },
    processes: () => ({ self: caller.process, host: caller.process }),
    onListen: new Set(),
  };
}
