import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  utimesSync,
  watch,
  writeSync,
} from "node:fs";
import type { FSWatcher } from "node:fs";
import { join } from "node:path";
import { sleep } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";

/**
 * The queue of processes that wait for the write lock. It is courtesy, not safety: whatever is lost or stale in it costs a little time,
 * and SQLite's lock alone decides who writes.
 */
export interface Turns {
  /** True when another process has waited so long that a newcomer should queue behind it. */
  isContended(): boolean;
  /** Waits to be called, or until it is time to look by oneself. Keeps the place of an earlier wait until `leave`. */
  wait(): Promise<void>;
  /** Gives up one's place, after success or failure. */
  leave(): void;
  /** Calls the process that has waited longest, and calls it once: one that was killed or stopped is passed over from then on. */
  callNext(): void;
  close(): void;
}

/** How long a waiter lets newcomers pass, in milliseconds: they need no wake-up, which makes all faster. */
const patienceMs = 8;

/** For so long after a look that found nobody, the board is not read again: one who has come since first waits in SQLite itself. */
const blindMs = 1;

/** Makes the queue for a store's file; where its folder cannot be used, each process looks by itself. */
export function createTurns(file: string, backoff: Backoff): Turns {
  try {
    const folder = `${file}-turns`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return queueIn(folder, backoff);
  } catch {
    return lonely(backoff);
  }
}

/** For a store that no other process shares. */
export function lonely(backoff: Backoff): Turns {
  return {
    isContended: () => false,
    wait: async () => sleep(backoff.retryMs()),
    leave: () => {},
    callNext: () => {},
    close: () => {},
  };
}

function queueIn(folder: string, backoff: Backoff): Turns {
  const board = openBoard(join(folder, "queue"));
  // Two processes may share a slot; the second is then found by its own looking.
  const slot = process.pid % slots;
  let sinceMs: number | null = null;
  let bell: Bell | null = null;
  /** When this process last saw that nobody waits; whoever has come since is within our patience. */
  let aloneMs = Number.NEGATIVE_INFINITY;
  return {
    isContended: () => {
      if (performance.now() - aloneMs < patienceMs) {
        return false;
      }
      const longest = board.longest(slot);
      return longest !== null && longest.sinceMs < sharedNowMs() - patienceMs;
    },
    wait: async () => {
      const ahead = board.count();
      bell ??= createBell(join(folder, String(slot)));
      sinceMs ??= sharedNowMs();
      board.put(slot, sinceMs);
      await bell.heard(10 + backoff.retryMs() + 2 * ahead);
    },
    leave: () => {
      if (sinceMs !== null) {
        sinceMs = null;
        board.put(slot, 0);
      }
    },
    callNext: () => {
      if (performance.now() - aloneMs < blindMs) {
        return;
      }
      const longest = board.longest(slot);
      if (longest === null) {
        aloneMs = performance.now();
      } else {
        board.put(longest.slot, 0);
        touch(join(folder, String(longest.slot)));
      }
    },
    close: () => {
      bell?.close();
      board.close();
    },
  };
}

const slots = 256;
const slotBytes = 8;

/** The shared file: for each slot the time since when its process has waited, 0 for none. */
interface Board {
  /** Who has waited longest, apart from one's own slot. */
  longest(own: number): { readonly slot: number; readonly sinceMs: number } | null;
  count(): number;
  put(slot: number, sinceMs: number): void;
  close(): void;
}

function openBoard(file: string): Board {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const descriptor = openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  const seen = new Float64Array(slots);
  const one = new Float64Array(1);
  const look = (): Float64Array => {
    const bytes = readSync(descriptor, seen, 0, slots * slotBytes, 0);
    return seen.fill(0, Math.floor(bytes / slotBytes));
  };
  return {
    longest: (own) => {
      let best = -1;
      let bestMs = Number.POSITIVE_INFINITY;
      look();
      // By index: an iterator would allocate for every slot, in every transaction.
      for (let slot = 0; slot < slots; slot += 1) {
        const sinceMs = seen[slot] ?? 0;
        if (sinceMs > 0 && sinceMs < bestMs && slot !== own) {
          best = slot;
          bestMs = sinceMs;
        }
      }
      return best < 0 ? null : { slot: best, sinceMs: bestMs };
    },
    count: () => look().reduce((count, sinceMs) => (sinceMs > 0 ? count + 1 : count), 0),
    put: (slot, sinceMs) => {
      one[0] = sinceMs;
      writeSync(descriptor, one, 0, slotBytes, slot * slotBytes);
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

/** Real milliseconds of the clock that all processes of this boot share. */
function sharedNowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

function touch(file: string): void {
  try {
    const now = new Date(0);
    utimesSync(file, now, now);
  } catch {
    // Its waiter is gone.
  }
}

interface Bell {
  heard(atMostMs: number): Promise<void>;
  close(): void;
}

function createBell(file: string): Bell {
  let wake: (() => void) | null = null;
  const watcher = watchBell(file, () => {
    wake?.();
  });
  return {
    heard: async (atMostMs) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
    },
    close: () => {
      watcher?.close();
      rmSync(file, { force: true });
    },
  };
}

function watchBell(file: string, onCall: () => void): FSWatcher | null {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
  try {
    closeSync(openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600));
    const watcher = watch(file, { persistent: false }, onCall);
    watcher.on("error", () => {
      watcher.close();
    });
    return watcher;
  } catch {
    // The system may have no watches left; then this process looks by itself.
    return null;
  }
}
