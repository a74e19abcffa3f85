import { sleep } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import { waitedTooLong } from "../turn.ts";
import { isBusy } from "./sqlite-faults.ts";
import type { Turns } from "./sqlite-turns.ts";

/** How a process waits for other processes. */
export interface Waiting {
  readonly backoff: Backoff;
  readonly turns: Turns;
  /** The bound, in real milliseconds: a virtual clock must not make a wait endless. */
  readonly waitMs: number;
  /** Is told each time that a write waits for another process. */
  onWait(this: void): void;
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

/** Tries to write, in turn with other processes: a newcomer lets those go first who have waited long. */
export async function inTurn<T>(
  { turns, waitMs, onWait }: Waiting,
  attempt: () => Promise<T>,
): Promise<T> {
  const wait = async (): Promise<void> => {
    onWait();
    await turns.wait();
  };
  try {
    if (turns.isContended()) {
      await wait();
    }
    const startedMs = performance.now();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        refuseFurther(error, performance.now() - startedMs, waitMs);
      }
      await wait();
    }
  } finally {
    turns.leave();
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
