import { sleep } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import { waitedTooLong } from "../turn.ts";
import { isBusy } from "./sqlite-faults.ts";
import type { Turns } from "./sqlite-turns.ts";

/** How a process waits for other processes. */
export interface Waiting {
  readonly backoff: Backoff;
  readonly turns: Turns;
  /** The bound where nobody gets on, in real milliseconds: a virtual clock must not make a wait endless. */
  readonly waitMs: number;
  /** Another number after each commit of another process. */
  commits(this: void): number;
  /** Is told each time that a write waits for another process. */
  onWait(this: void): void;
  /** Is told once of a write that waits for a crowd: for long, while others write one after the other. */
  onCrowd(this: void): void;
}

/** Tries until no other process is in the way. @throws {SkeinError} SKN-7101 when the wait is over; the attempt's own errors. */
export async function untilFree<T>(
  { backoff, waitMs }: Pick<Waiting, "backoff" | "waitMs">,
  attempt: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      refuseFurther(error, performance.now() - startedMs, waitMs);
    }
    await sleep(backoff.retryMs());
  }
}

/** How many times `waitMs` one waits at most for a turn while others have theirs: callers give up after a minute. */
export const longestWaits = 6;

/** The part of `waitMs` within which nobody has written where the lock is taken to be held, and not handed on. */
const stillShare = 0.2;

/** A write waits for a crowd after this part of `waitMs` in which it saw so many turns of others. */
const crowdShare = 0.1;
const crowdTurns = 4;

/**
 * Tries to write, in turn with other processes: a newcomer lets those go first who have waited long. It waits as long as others get on: who is sent
 * away from a line that moves comes back at its end, and makes it longer.
 *
 * @throws {SkeinError} SKN-7101 when the wait is over; the attempt's own errors.
 */
export async function inTurn<T>(waiting: Waiting, attempt: () => Promise<T>): Promise<T> {
  const { turns, onWait } = waiting;
  const wait = async (): Promise<void> => {
    onWait();
    await turns.wait();
  };
  try {
    if (turns.isContended()) {
      await wait();
    }
    const patience = createPatience(waiting);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        patience.refuseFurther(error);
      }
      await wait();
    }
  } finally {
    turns.leave();
  }
}

/** How long a writer waits. */
interface Patience {
  /** Is told of each attempt that failed. @throws as the function of this name. */
  refuseFurther(error: unknown): void;
}

function createPatience({ waitMs, commits, onCrowd }: Waiting): Patience {
  const startedMs = performance.now();
  let seen: number | null = null;
  let movedMs = startedMs;
  let turns = 0;
  let isTold = false;
  return {
    refuseFurther: (error) => {
      const nowMs = performance.now();
      const now = isBusy(error) ? lookedUp(commits, seen) : seen;
      if (seen !== null && now !== seen) {
        movedMs = nowMs;
        turns += 1;
      }
      seen = now;
      if (!isTold && turns >= crowdTurns && nowMs - startedMs >= waitMs * crowdShare) {
        isTold = true;
        onCrowd();
      }
      const isMoving = nowMs - movedMs < waitMs * stillShare;
      refuseFurther(error, nowMs - startedMs, isMoving ? waitMs * longestWaits : waitMs);
    },
  };
}

/** The number of commits; as it was where it cannot be read either, since a process stands still while it tells of one. */
function lookedUp(commits: () => number, seen: number | null): number | null {
  try {
    return commits();
  } catch (error) {
    if (!isBusy(error)) {
      throw error;
    }
    return seen;
  }
}

/** @throws the error of an attempt that nobody else was in the way of, and SKN-7101 when the wait is over. */
function refuseFurther(error: unknown, waitedMs: number, waitMs: number): void {
  if (!isBusy(error)) {
    throw error;
  }
  if (waitedMs >= waitMs) {
    throw waitedTooLong(waitedMs);
  }
}
