import { SkeinError } from "../base/errors.ts";
import { leaseErrors } from "./errors.ts";
import { isLive } from "./lease.ts";
import type { Held, LeaseOrigin } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";

/** Live globs that a session may hold beyond those of its tasks. */
export const mostGlobsOfSession = 256;

/** Live globs around any one path: each question about a path there is held against each of them. */
export const mostGlobsAround = 1_000;

/** Globs that may wait in one queue. */
export const mostGlobsWaiting = 1_000;

/** How many of some patterns are globs; the others are found by their names alone. */
export function countGlobs(patterns: readonly Pick<PathPattern, "kind">[]): number {
  return patterns.filter(({ kind }) => kind === "glob").length;
}

interface Asked {
  readonly session: string;
  readonly origin: LeaseOrigin;
  readonly patterns: readonly PathPattern[];
}

/**
 * Refuses more globs to a session that holds very many. Those of tasks are bounded by the plans, and those that await integration are out
 * of its hands: neither counts. @throws {SkeinError} SKN-4502.
 */
export function ensureFewGlobs(own: readonly Held[], asked: Asked, nowMs: number): void {
  const wanted = countGlobs(asked.patterns);
  const held = own
    .filter(({ lease }) => isOfFiles(lease.origin) && isLive(lease, nowMs))
    .reduce((sum, { lease }) => sum + countGlobs(lease.patterns), 0);
  if (isOfFiles(asked.origin) && wanted > 0 && held + wanted > mostGlobsOfSession) {
    throw new SkeinError(leaseErrors.tooManyGlobs, {
      message: `${asked.session} holds ${String(held)} globs and asks for ${String(wanted)} more; ${String(mostGlobsOfSession)} are the most.`,
      facts: { session: asked.session, held, asked: wanted, most: mostGlobsOfSession },
    });
  }
}

/** Refuses globs where very many lie already. @throws {SkeinError} SKN-7502. */
export function ensureRoomAround(globsNear: number, { origin, patterns }: Asked): void {
  const wanted = countGlobs(patterns);
  if (isOfFiles(origin) && wanted > 0 && globsNear + wanted > mostGlobsAround) {
    throw new SkeinError(leaseErrors.tooManyGlobsAround, {
      message: `${String(globsNear)} globs are held around these paths; with ${String(wanted)} more they would be over ${String(mostGlobsAround)}.`,
      facts: { globs: globsNear, asked: wanted, most: mostGlobsAround },
      retryAfterMs: 60_000,
    });
  }
}

/** True for leases that were asked for by themselves, and did not come with a task. */
export function isOfFiles(origin: LeaseOrigin): boolean {
  return origin === "files" || origin === "edit";
}
