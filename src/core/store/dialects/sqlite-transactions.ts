import type { Reader, Transaction } from "../store.ts";
import { storeTimeMs } from "../time.ts";
import type { TimeAnchor, TimeSource } from "../time.ts";
import type { Turn } from "../turn.ts";
import { around, refuseNested } from "./sqlite-around.ts";
import type { Around } from "./sqlite-around.ts";
import { createBeat, undo } from "./sqlite-beat.ts";
import type { BeatDeps } from "./sqlite-beat.ts";
import { openTransaction } from "./sqlite-connection.ts";
import type { OpenTransaction, TransactionFacts } from "./sqlite-connection.ts";
import { explainSqlite } from "./sqlite-faults.ts";
import type { Flush } from "./sqlite-flush.ts";
import { createGroupWriting } from "./sqlite-group.ts";
import type { GroupLimits, GroupWriting } from "./sqlite-group.ts";
import { inTurn, untilFree } from "./sqlite-waiting.ts";
import type { Waiting } from "./sqlite-waiting.ts";

export interface TransactionsDeps extends BeatDeps {
  readonly project: string;
  readonly time: TimeSource;
  readonly anchor: TimeAnchor;
  readonly waiting: Waiting;
  /** The bounded queue of writers. */
  readonly writers: Turn;
  /** Who uses the connection: one transaction at a time. */
  readonly gate: Turn;
  readonly flush: Flush;
  /** Null: every write is a transaction of its own. Else those that wait at the same time share one. */
  readonly group: GroupLimits | null;
}

/** The transactions of one connection. */
export interface SqliteTransactions {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs work on the connection outside of any transaction, again while the file is locked. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  queued(): number;
}

/** Makes the reading and writing of one connection: queues, waiting, flushing and errors around single attempts. */
export function createTransactions(deps: TransactionsDeps): SqliteTransactions {
  const { waiting, gate, file } = deps;
  const attempts = createAttempts(deps);
  const writing =
    deps.group === null ? createSingly(deps, attempts) : createGroupWriting(deps, deps.group);
  const gated = async <T>(work: () => Promise<T>): Promise<T> =>
    untilFree(waiting, async () => gate.take(work));

  return {
    read: async (work) => {
      refuseNested(deps.connection);
      return explained(
        file,
        gated(async () => attempts.read(work)),
      );
    },
    write: async (work) => {
      // As `explained`, without a promise more: every change passes here.
      try {
        refuseNested(deps.connection);
        return await writing.write(work);
      } catch (error) {
        throw explainSqlite(error, file);
      }
    },
    alone: async (work) => {
      refuseNested(deps.connection);
      return explained(
        file,
        writing.alone(async () => gated(work)),
      );
    },
    queued: () => writing.queued(),
  };
}

/** Makes every write a transaction of its own. */
function createSingly(
  { waiting, writers, gate, flush }: TransactionsDeps,
  attempts: Attempts,
): GroupWriting {
  async function writeInTurn<T>(work: (tx: Transaction) => Promise<T>): Promise<Flushing<T>> {
    const committed = await inTurn(waiting, () => gate.take(() => attempts.write(work)));
    const flushed = flush.start(writers.queued() > 1 ? "many" : "alone");
    return { committed, flushed };
  }

  return {
    write: async (work) => {
      // The next writer of this process need not wait for our flush, only our caller does.
      const { committed, flushed } = await writers.take(() => writeInTurn(work));
      try {
        await flushed;
      } finally {
        committed.announce();
      }
      return committed.result;
    },
    alone: async (work) => writers.take(work),
    queued: () => writers.queued(),
  };
}

/** A transaction that is committed and on its way to the disk. */
interface Flushing<T> {
  readonly committed: Committed<T>;
  readonly flushed: Promise<void>;
}

/** A transaction that is committed; others may see it. */
interface Committed<T> {
  readonly result: T;
  /** Runs what waits for the commit. */
  announce(): void;
}

async function explained<T>(file: string, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw explainSqlite(error, file);
  }
}

/** Single tries of a transaction; a lock held by another process is an error here. */
interface Attempts {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>>;
}

/** What is true of a transaction that has just begun. */
function factsOf({ project, time, anchor }: TransactionsDeps): TransactionFacts {
  return { project, nowMs: storeTimeMs(anchor, time), lockedAtMs: performance.now() };
}

function createAttempts(deps: TransactionsDeps): Attempts {
  const { connection } = deps;
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const beginRead = connection.prepare("BEGIN");
  const commit = connection.prepare("COMMIT");
  const rollback = connection.prepare("ROLLBACK");
  const beat = createBeat(deps);

  async function inside<T>(work: (open: OpenTransaction) => Promise<T>): Promise<T> {
    const open = openTransaction(connection, factsOf(deps));
    const here: Around = { connection, isOpen: true };
    try {
      return await around.run(here, work, open);
    } catch (error) {
      undo(rollback);
      throw error;
    } finally {
      here.isOpen = false;
      open.end();
    }
  }

  return {
    read: (work) => {
      beginRead.run();
      return inside(async ({ tx }) => {
        const result = await work(tx);
        commit.run();
        return result;
      });
    },
    write: (work) => {
      begin.run();
      return inside(async ({ tx, hooks }) => {
        const result = await work(tx);
        await hooks.runBefore();
        const hasBeat = beat.record(tx.nowMs);
        commit.run();
        deps.waiting.turns.callNext();
        const announce = (): void => {
          if (hasBeat) {
            beat.confirm(tx.nowMs);
          }
          hooks.runAfter();
        };
        return { result, announce };
      });
    },
  };
}
