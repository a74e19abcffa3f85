import { SkeinError } from "../base/errors.ts";
import type { Transaction } from "../store/index.ts";
import { leaseErrors } from "./errors.ts";
import { isOfFiles } from "./glob-bounds.ts";
import { endLogged, timeIsOver } from "./granting.ts";
import type { GrantingDeps } from "./granting.ts";
import type { HoldingDeps } from "./holding.ts";
import { expired } from "./ledger.ts";
import type { LeaseOrigin } from "./lease.ts";
import * as sql from "./tables.ts";

interface Bounded extends GrantingDeps, HoldingDeps {
  readonly mostLeases: number | null;
}

/**
 * Refuses one more lease to a project that holds as many as it may. Those of tasks are bounded by the plans: they neither count nor are
 * refused. What nobody has ended yet though its time is over is ended first. @throws {SkeinError} SKN-4201, SKN-7503.
 */
export async function ensureRoomInProject(
  deps: Bounded,
  tx: Transaction,
  origin: LeaseOrigin,
): Promise<void> {
  const { mostLeases: most } = deps;
  if (isOfFiles(origin)) {
    await deps.events.ensureRoom(tx, "new");
  }
  if (most === null || !isOfFiles(origin) || (await isRoom(tx, most))) {
    return;
  }
  const over = await expired(deps, tx);
  await endLogged(deps, tx, { leases: over, ending: timeIsOver(over) });
  if (over.length > 0 && (await isRoom(tx, most))) {
    return;
  }
  throw new SkeinError(leaseErrors.tooManyLeases, {
    message: `The project holds ${String(most)} leases beyond those of tasks, which is its limit.`,
    facts: { most },
    retryAfterMs: 60_000,
  });
}

async function isRoom(tx: Transaction, most: number): Promise<boolean> {
  const row = await tx.get<{ readonly held: number }>(sql.countOfFiles, [tx.project, most]);
  return (row?.held ?? 0) < most;
}
