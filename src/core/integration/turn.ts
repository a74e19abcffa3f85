import { SkeinError } from "../base/errors.ts";
import type { Timer } from "../base/timer.ts";
import type { Store } from "../store/index.ts";
import { integrationErrors } from "./errors.ts";
import * as sql from "./tables.ts";

/** How long a turn lasts after its last renewal: a killed integrator blocks the others no longer than this. */
const turnMs = 20_000;
const renewEveryMs = 5_000;

export interface TurnDeps {
  readonly store: Store;
  readonly timer: Timer;
}

/**
 * Runs work while no other process integrates. The signal given to the work aborts when the turn was lost (this process slept for long).
 *
 * @throws {SkeinError} SKN-4811 when another process has the turn.
 */
export async function inTurn<T>(
  { store, timer }: TurnDeps,
  holder: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!(await take(store, holder))) {
    throw new SkeinError(integrationErrors.turnTaken, { retryAfterMs: renewEveryMs });
  }
  const over = new AbortController();
  const lost = new AbortController();
  // A store that cannot be reached is a turn that others may take.
  const renewing = renew().catch(() => {
    lost.abort();
  });
  try {
    return await work(lost.signal);
  } finally {
    over.abort();
    await renewing;
    await store.write((tx) => tx.run(sql.giveUpTurn, [tx.project, holder]));
  }

  async function renew(): Promise<void> {
    for (;;) {
      await timer.sleep(renewEveryMs, over.signal);
      if (over.signal.aborted) {
        return;
      }
      if (!(await take(store, holder))) {
        lost.abort();
        return;
      }
    }
  }
}

async function take(store: Store, holder: string): Promise<boolean> {
  const changed = await store.write((tx) =>
    tx.run(sql.takeTurn, [tx.project, holder, tx.nowMs + turnMs, tx.nowMs]),
  );
  return changed === 1;
}
