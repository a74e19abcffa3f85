import type { Random } from "../base/clock.ts";
import type { Timer } from "../base/timer.ts";
import type { Approvals } from "../approvals/index.ts";
import type { Costs } from "../costs/index.ts";
import type { EventOrigin, Events } from "../events/index.ts";
import type { Leases, PathPattern, PathPolicy } from "../leases/index.ts";
import type { Messages } from "../messages/index.ts";
import type { Plans } from "../plans/index.ts";
import type { Sessions } from "../sessions/index.ts";
import type { ComparedScopes } from "./compared-scopes.ts";
import type { NothingFound } from "./nothing-found.ts";
import type { Room } from "./room.ts";
import type { Store } from "../store/index.ts";

/** How the paths of one project are read. */
export interface PathReading {
  /** Parses a path as a caller wrote it; existing paths are told from globs by looking at the worktree. @throws {SkeinError} SKN-15xx. */
  parse(text: string): PathPattern;
}

/** What dispatch is made of. */
export interface DispatchDeps {
  readonly store: Store;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly messages: Messages;
  readonly costs: Costs;
  readonly approvals: Approvals;
  readonly paths: PathReading;
  readonly timer: Timer;
  readonly random: Random;
  /** How long a lease of `claim_files` or the edit hook lasts after its last renewal. */
  readonly leaseMs: () => number;
  /** What is left of this machine; null where nobody looks. */
  readonly room: () => Room | null;
  /** Whether tasks are handed out one at a time where choosing the best one fails by a fault; false: the fault is told. */
  readonly mayDegrade: boolean;
  /** Whose call is under way; null: nobody asked a server for anything. */
  readonly caller: () => EventOrigin | null;
  /** How the project compares paths. */
  readonly policy: PathPolicy;
  /** What this process found last when there was nothing to give. */
  readonly nothing: NothingFound;
  /** What it found when it compared ready tasks with what is held. */
  readonly compared: ComparedScopes;
}
