import { SkeinError } from "../base/errors.ts";
import { storeErrors } from "./errors.ts";

/** A queue in which one holder at a time has the turn, in order of arrival. */
export interface Turn {
  /** Runs work when its turn comes. @throws {SkeinError} SKN-7102 when the queue is full, SKN-7101 when the turn did not come in time. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Those waiting and the one that runs. */
  queued(): number;
}

export interface TurnOptions {
  readonly limit: number;
  /** How long one may wait, in real milliseconds. */
  readonly waitMs: number;
}

/** Makes the queue of one process for one resource. */
export function createTurn({ limit, waitMs }: TurnOptions): Turn {
  const line = createLine(waitMs);
  let queued = 0;

  async function take<T>(work: () => Promise<T>): Promise<T> {
    if (queued >= limit) {
      throw queueFull(queued, limit);
    }
    queued += 1;
    try {
      if (!line.isFree()) {
        await line.wait();
      }
      line.enter();
      try {
        return await work();
      } finally {
        line.leave();
      }
    } finally {
      queued -= 1;
    }
  }

  return { take, queued: () => queued };
}

interface Line {
  isFree(): boolean;
  enter(): void;
  /** Waits until the one before has left; the place stays taken in between. */
  wait(): Promise<void>;
  leave(): void;
}

function createLine(waitMs: number): Line {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  return {
    isFree: () => !isTaken,
    enter: () => {
      isTaken = true;
    },
    wait: async () => {
      await new Promise<void>((resolve, reject) => {
        const enter = (): void => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(waitedTooLong(waitMs));
        }, waitMs);
        waiting.push(enter);
      });
    },
    leave: () => {
      const next = waiting.shift();
      if (next === undefined) {
        isTaken = false;
      } else {
        next();
      }
    },
  };
}

/** The answer to a caller for whom there is no room to wait. */
export function queueFull(queued: number, limit: number): SkeinError {
  return new SkeinError(storeErrors.queueFull, {
    message: `${String(queued)} writers wait in this process; the limit is ${String(limit)}.`,
    facts: { queued, limit },
    retryAfterMs: 100,
  });
}

/** The answer to a caller that waited in vain. */
export function waitedTooLong(waitedMs: number): SkeinError {
  return new SkeinError(storeErrors.busy, {
    message: `The store stayed locked for ${String(Math.round(waitedMs))} ms.`,
    facts: { waited_ms: Math.round(waitedMs) },
    retryAfterMs: 250,
  });
}
