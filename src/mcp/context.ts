import type { Repository } from "../adapters/git/index.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { Actor } from "../core/base/ids.ts";
import type { ProcessStamp } from "../core/sessions/index.ts";
import type { Skein } from "../core/index.ts";
import type { Handles } from "./handles.ts";
import type { PlanDesk } from "./plan-desk.ts";
import type { ReviewDesk } from "./review-desk.ts";

/** A project that is open for calls. */
export interface OpenProject {
  readonly skein: Skein;
  /** The repository that this machine has of the project; null where it has none. */
  readonly repository: Repository | null;
  readonly reviews: ReviewDesk;
  readonly planning: PlanDesk;
}

/** What one server process knows; all its connections and requests share it. */
export interface McpContext {
  readonly version: string;
  /** Where the server was started: paths of calls are relative to it. Null: callers are elsewhere, and no disk is looked at for them. */
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names this server process; the identity of callers who have no other. */
  readonly connection: string;
  /** The worktree of the caller, as far as it is known. */
  readonly worktree: Worktree | null;
  /** Who proved to be somebody to this server; null: a process of this machine, which needs no proof. */
  readonly principal: NonNullable<Caller["principal"]> | null;
  /** Who sits at the client's side. */
  readonly person: Actor;
  /** See `Caller`. Default: it is not asked. */
  readonly ensureAdmitted?: Caller["ensureAdmitted"];
  /** Lets the caller use a tool, or throws. */
  mayUse(tool: string): void;
  /** Runs the call of a tool so that what it changes is logged as asked for by the caller. */
  under<T>(tool: string, work: () => Promise<T>): Promise<T>;
  /** Aborts when waiting calls are to be answered early; null: never. */
  readonly hurry: AbortSignal | null;
  /** Opens the project with the first call. A failure is thrown, and tried again with the next call. */
  open(): Promise<OpenProject>;
  /** This process, and the one that started it. */
  processes(): Processes;
  /** The handles given to callers that the host names, by that name. */
  readonly handles: Handles;
  /** Called when a client of 2026-07-28 opens a subscription: the transport sees it before the SDK does. */
  readonly onListen: Set<(uris: readonly string[]) => void>;
  /** Makes the id under which a fault is logged. */
  newFaultId(): string;
  /** Writes one line to the log, never to standard output. */
  log(line: string): void;
}

/** Where a caller works: names that Skein compares and never opens, for they may be of another machine. */
export interface Worktree {
  readonly gitDir: string | null;
  readonly branch: string | null;
  /** The commit of its HEAD, where the caller told it. */
  readonly head: string | null;
}

export interface Processes {
  readonly self: ProcessStamp | null;
  readonly host: ProcessStamp | null;
}
