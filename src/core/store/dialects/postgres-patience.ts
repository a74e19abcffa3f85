import { sleep } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import type { PostgresOutcome } from "./postgres-link.ts";

/** How long the same work is tried again. */
export interface Patience {
  readonly backoff: Backoff;
  /** In milliseconds, from the first try's beginning. */
  readonly waitMs: number;
}

/** Tries until the work is done. @throws the last try's error when the time is over. */
export async function untilDone<T>(
  { backoff, waitMs }: Patience,
  attempt: () => Promise<PostgresOutcome<T>>,
): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    const outcome = await attempt();
    if (outcome.kind === "done") {
      return outcome.result;
    }
    if (performance.now() - startedMs >= waitMs) {
      throw outcome.error;
    }
    await sleep(backoff.retryMs());
  }
}
