import { hearConnections } from "../adapters/process/hear-connections.ts";
import { serverErrors } from "../adapters/server/errors.ts";
import { SkeinError } from "../core/base/errors.ts";

/** Nobody who gave a call up makes so many others within this time, each on the disk, that its key is forgotten. */
const soonMs = 10;

/**
 * Rejects where whoever called over a connection is gone. A process that stood still goes on with what it had in hand, before it has heard who has
 * given it up meanwhile; asked under the store's lock, nobody can do the call elsewhere between this and its commit. So one look since the lock was
 * taken (`lockedAtMs`, of `performance.now()`) holds for all who write under it: on a busy server each look is several long rounds of events, and the
 * lock is held for them. @throws {SkeinError} SKN-7922.
 */
export async function ensureWanted(signal: AbortSignal, lockedAtMs: number): Promise<void> {
  await hearConnections(Math.min(lockedAtMs, performance.now() - soonMs));
  if (signal.aborted) {
    throw new SkeinError(serverErrors.unclear);
  }
}
