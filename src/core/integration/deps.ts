import type { Random } from "../base/clock.ts";
import type { Timer } from "../base/timer.ts";
import type { Costs } from "../costs/index.ts";
import type { Events } from "../events/index.ts";
import type { Leases, PathPattern, PathPolicy } from "../leases/index.ts";
import type { Messages } from "../messages/index.ts";
import type { Plans } from "../plans/index.ts";
import type { Sessions } from "../sessions/index.ts";
import type { Store } from "../store/index.ts";
import type { Workspace } from "./integration.ts";

/** What integration is made of. */
export interface IntegrationDeps {
  readonly store: Store;
  readonly events: Pick<Events, "nextSeq">;
  readonly sessions: Sessions;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly messages: Messages;
  readonly costs: Costs;
  readonly workspace: Workspace;
  readonly timer: Timer;
  readonly random: Random;
  /** How the project compares paths. */
  readonly policy: PathPolicy;
  /** Reads a path as a plan's file wrote it. */
  readonly paths: { parse(text: string): PathPattern };
  /** Paths that need no lease, because a tool writes them. */
  readonly exempt: readonly PathPattern[];
}
