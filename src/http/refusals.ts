import type { Timer } from "../core/base/timer.ts";

/**
 * When callers who are turned away are told so. Most clients heed `Retry-After`; one that asks again as soon as it is answered would have the
 * server do nothing but refuse it, so that whoever renews a lease waits for its turn behind thousands of refusals.
 */
export interface Refusals {
  /** Resolves when a refusal may be told: at once while there are few, the later the more there are. Never rejects. */
  due(): Promise<void>;
}

export interface RefusalLimits {
  /** How many are told a second before one has to wait. */
  readonly perSecond: number;
  /** How long one waits at most, in milliseconds. */
  readonly longestMs: number;
  /** How many wait at once; more are told at once, since each is a request in memory. */
  readonly most: number;
}

/**
 * A refusal costs an eighth of a millisecond of the one processor that a server has: 500 a second are a sixteenth of it. Nobody waits longer than the
 * shortest `Retry-After` says that it should have (a second), so that those who heed it lose nothing. As many may wait as calls may sleep, half of
 * all connections that a server takes.
 */
export const usualRefusals: RefusalLimits = { perSecond: 500, longestMs: 1_000, most: 2_000 };

export interface RefusalsDeps {
  readonly timer: Timer;
  /** Aborts when the server is about to end: then nobody waits any more. */
  readonly ending: AbortSignal;
}

/** Makes the line of refusals of one server. */
export function createRefusals(limits: RefusalLimits, { timer, ending }: RefusalsDeps): Refusals {
  const { longestMs, most } = limits;
  const everyMs = 1_000 / limits.perSecond;
  /** In the order in which they are due, since no refusal is due before one that came earlier. */
  const line: { readonly dueMs: number; readonly tell: () => void }[] = [];
  let nextMs = Number.NEGATIVE_INFINITY;
  let telling: Promise<void> | null = null;

  async function tellAll(): Promise<void> {
    for (let [first] = line; first !== undefined; [first] = line) {
      await timer.sleep(Math.max(0, first.dueMs - timer.nowMs()), ending);
      const nowMs = timer.nowMs();
      const later = line.findIndex(({ dueMs }) => dueMs > nowMs && !ending.aborted);
      for (const { tell } of line.splice(0, later < 0 ? line.length : later)) {
        tell();
      }
    }
    telling = null;
  }

  return {
    due: async () => {
      const nowMs = timer.nowMs();
      const dueMs = Math.min(Math.max(nextMs, nowMs), nowMs + longestMs);
      nextMs = dueMs + everyMs;
      if (dueMs <= nowMs || line.length >= most || ending.aborted) {
        return;
      }
      await new Promise<void>((resolve) => {
        line.push({ dueMs, tell: resolve });
        telling ??= tellAll();
      });
    },
  };
}
