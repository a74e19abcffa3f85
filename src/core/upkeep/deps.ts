import type { Access } from "../access/index.ts";
import type { Approvals } from "../approvals/index.ts";
import type { Costs } from "../costs/index.ts";
import type { Dispatch } from "../dispatch/index.ts";
import type { Events } from "../events/index.ts";
import type { Leases, PathPolicy } from "../leases/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Messages } from "../messages/index.ts";
import type { Plans } from "../plans/index.ts";
import type { Sessions } from "../sessions/index.ts";
import type { Migration, Store, Transaction } from "../store/index.ts";
import type { ArchiveShelf } from "./upkeep.ts";

/** The kept reviews: all that upkeep knows of them is that they grow old. */
export interface OldReviews {
  /** Deletes those that began before a time, except the newest; tells how many went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

/** What upkeep is made of. */
export interface UpkeepDeps {
  readonly store: Store;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly messages: Messages;
  readonly costs: Costs;
  readonly approvals: Approvals;
  readonly metrics: Pick<Metrics, "prune">;
  readonly reviews: OldReviews;
  readonly access: Access;
  readonly dispatch: Pick<Dispatch, "recover">;
  /** The schema: which tables an export holds. */
  readonly migrations: readonly Migration[];
  readonly policy: PathPolicy;
  /** Where archived rows go; null: nothing is archived. */
  readonly shelf: ArchiveShelf | null;
}
