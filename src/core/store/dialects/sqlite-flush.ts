import { closeSync, constants, fdatasync, fdatasyncSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";

/** Brings commits to the disk after the write lock is free again, so that processes flush together and not in a row. */
export interface Flush {
  /** Begins at once; the answer comes when all that was committed before is on the disk. @throws {SkeinError} SKN-7111. */
  start(crowd: "alone" | "many"): Promise<void>;
  /** Waits for what was started. */
  close(): Promise<void>;
}

const flushed: Promise<void> = Promise.resolve();

/** For stores whose commits are not flushed one by one. */
export const noFlush: Flush = { start: () => flushed, close: () => flushed };

/**
 * Makes the flushing of one process for a store's file.
 *
 * The journal carries no POSIX lock (SQLite keeps its locks on the database and on `-shm`), so a descriptor of our own can drop none. It
 * stays the right file while our connection is open: only the last connection of all removes the journal.
 */
export function createFlush(file: string): Flush {
  let descriptor: number | null = null;
  const journal = (): number => {
    descriptor ??= openJournal(file);
    return descriptor;
  };

  const group = createGroup(async () => flushLater(journal()));
  return {
    start: async (crowd) => {
      try {
        if (crowd === "alone") {
          fdatasyncSync(journal());
        } else {
          await group.join();
        }
      } catch (cause) {
        throw new SkeinError(storeErrors.inputOutput, {
          message: `The last change to ${file} was made, but the disk did not confirm it.`,
          facts: { file },
          cause,
        });
      }
    },
    close: async () => {
      await group.settle();
      if (descriptor !== null) {
        closeSync(descriptor);
      }
      descriptor = null;
    },
  };
}

/** Runs one flush at a time and lets all who come meanwhile share the next. */
interface Group {
  join(): Promise<void>;
  settle(): Promise<void>;
}

function createGroup(flush: () => Promise<void>): Group {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function run(): Promise<void> {
    running = flush();
    try {
      await running;
    } finally {
      running = null;
    }
  }

  async function runAfter(before: Promise<void>): Promise<void> {
    // Its failure is told to those who wait for it.
    await before.catch(() => {});
    next = null;
    await run();
  }

  async function join(): Promise<void> {
    // A flush under way may have begun before our commit; the one after it has not, and serves all who come until then.
    if (running === null) {
      return run();
    }
    next ??= runAfter(running);
    return next;
  }

  return {
    join,
    settle: async () => {
      await Promise.allSettled([running, next]);
    },
  };
}

const flushLater = promisify(fdatasync);

function openJournal(file: string): number {
  const descriptor = openSync(`${file}-wal`, constants.O_RDONLY | constants.O_NOFOLLOW);
  // The journal may be new: its name has to be on the disk as well.
  const directory = openSync(dirname(file), constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
  return descriptor;
}
