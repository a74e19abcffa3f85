import { SkeinError } from "../base/errors.ts";
import { createMemo } from "../base/memo.ts";
import { expandBraces } from "./braces.ts";
import { leaseErrors } from "./errors.ts";
import { segmentTexts } from "./glob.ts";
import { isLive } from "./lease.ts";
import type { Held, LeaseOrigin } from "./lease.ts";
import type { PathPattern } from "./path-pattern.ts";

/** What live globs may count that a session holds beyond those of its tasks. */
export const mostGlobsOfSession = 256;

/** What live globs around any one path may count: each question about a path there is held against each of them. */
export const mostGlobsAround = 1_000;

/** What the globs of one task's scope may count: whoever claims it holds them beside those that a session may hold besides. */
export const mostGlobsOfTask = 256;

/** How many globs one plan may name: each search for work may hold them all against what is held. Five for each task of the largest plan have room. */
export const mostGlobsOfPlan = 100_000;

/** What the globs of one plan may count beyond one each. */
export const mostWildOfPlan = 20_000;

/** What globs may count that wait in one queue. */
export const mostGlobsWaiting = 1_000;

/** Two globs are compared sign by sign, so what a pair takes grows with the wild parts of both: a glob counts once for so many signs of them. */
const signsOfOne = 16;

/** How many globs some patterns count as; those of other kinds are found by their names alone. */
export function countGlobs(patterns: readonly PathPattern[]): number {
  return patterns.reduce((sum, { kind, text }) => sum + (kind === "glob" ? weightOf(text) : 0), 0);
}

const weights = createMemo<number>(8_000);

function weightOf(text: string): number {
  return weights.of(text, () => Math.max(1, Math.ceil(wildSignsOf(text) / signsOfOne)));
}

/** The signs of all segments in which a wildcard is; any other is compared as a whole. */
function wildSignsOf(text: string): number {
  const segments = expandBraces(text).flatMap((alternative) => segmentTexts(alternative));
  return segments.reduce((sum, segment) => sum + (/[*?[]/u.test(segment) ? segment.length : 1), 0);
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
