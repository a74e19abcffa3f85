import { SkeinError } from "../base/errors.ts";
import type { Transaction } from "../store/index.ts";
import { eventErrors } from "./errors.ts";
import { archivedTo } from "./keeping.ts";

/**
 * What an event is for. `new`: the beginning of work, which a full log refuses. `begun`: what work under way would like to say or ask, for
 * which a tenth more is kept. The ends of work, renewals, and what people and Skein itself do ask nobody: each is bounded by what was begun.
 */
export type Work = "new" | "begun";

export interface Asked {
  readonly work: Work;
  /** The last number of the log. */
  readonly seq: number;
}

/** What room the live log of a project has left. */
export interface LogRoom {
  /** False where there is no limit, and nobody needs to ask. */
  readonly isLimited: boolean;
  isFull(tx: Transaction, asked: Asked): Promise<boolean>;
  /** @throws {SkeinError} SKN-4201. */
  ensure(tx: Transaction, asked: Asked): Promise<void>;
}

/** So large a part of the limit is kept for work that is under way. */
const keptPart = 10;

/**
 * Makes the room of a log of at most so many events; null: no limit. Numbers have no gap, so that nothing is counted: the live log is what
 * lies between the archive's end, which only grows and is remembered, and the last number.
 */
export function createLogRoom(most: number | null): LogRoom {
  const own = most ?? Infinity;
  const key = {};
  let archived = 0;

  /** How many events are live, where they leave no room; null where they do. */
  async function fullAt(tx: Transaction, { work, seq }: Asked): Promise<number | null> {
    const end = work === "new" ? own : own + Math.ceil(own / keptPart);
    if (seq - archived < end) {
      return null;
    }
    const { seq: last } = await archivedTo(tx);
    // What this transaction archived itself may yet be undone.
    tx.afterCommit(key, () => {
      archived = last;
    });
    return seq - last < end ? null : seq - last;
  }

  return {
    isLimited: most !== null,
    isFull: async (tx, asked) => (await fullAt(tx, asked)) !== null,
    ensure: async (tx, asked) => {
      const live = await fullAt(tx, asked);
      if (live !== null) {
        throw new SkeinError(eventErrors.full, {
          message: `The live log of the project holds ${String(live)} events; its limit is ${String(own)}.`,
          facts: { events: live, most: own },
        });
      }
    },
  };
}
