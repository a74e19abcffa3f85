import { AsyncLocalStorage } from "node:async_hooks";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import type { Reader, Transaction } from "../store.ts";
import { storeTimeMs } from "../time.ts";
import type { TimeAnchor, TimeSource } from "../time.ts";
import type { Turn } from "../turn.ts";
import { openTransaction } from "./sqlite-connection.ts";
import type { OpenTransaction, SqliteConnection } from "./sqlite-connection.ts";
import type { SqliteStatement } from "./sqlite-driver.ts";
import { explainSqlite } from "./sqlite-faults.ts";
import type { Flush } from "./sqlite-flush.ts";
import { updateLastMs } from "./sqlite-schema.ts";
import { inTurn, untilFree } from "./sqlite-waiting.ts";
import type { Waiting } from "./sqlite-waiting.ts";
import { writeWitness } from "./witness.ts";

export interface TransactionsDeps {
  readonly connection: SqliteConnection;
  readonly file: string;
  readonly project: string;
  readonly time: TimeSource;
  readonly anchor: TimeAnchor;
  readonly waiting: Waiting;
  /** The bounded queue of writers. */
  readonly writers: Turn;
  /** Who uses the connection: one transaction at a time. */
  readonly gate: Turn;
  readonly flush: Flush;
  /** The store's id for its witness, or null when there is no witness. */
  readonly witnessOf: string | null;
  /** True when every commit is flushed to the disk, so that the witness may vouch for it. */
  readonly isFlushed: boolean;
}

/** The transactions of one connection. */
export interface SqliteTransactions {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs work on the connection outside of any transaction, again while the file is locked. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  queued(): number;
}

/** How often the store's last known time is written down, in milliseconds of store time. */
const beatMs = 1_000;

/** Makes the reading and writing of one connection: queues, waiting, flushing and errors around single attempts. */
export function createTransactions(deps: TransactionsDeps): SqliteTransactions {
  const { waiting, writers, gate, flush, file } = deps;
  const attempts = createAttempts(deps);

  async function writeInTurn<T>(work: (tx: Transaction) => Promise<T>): Promise<Flushing<T>> {
    const committed = await inTurn(waiting, async () =>
      gate.take(async () => attempts.write(work)),
    );
    const flushed = flush.start(writers.queued() > 1 ? "many" : "alone");
    return { committed, flushed };
  }

  async function write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    // The next writer of this process need not wait for our flush, only our caller does.
    const { committed, flushed } = await writers.take(async () => writeInTurn(work));
    try {
      await flushed;
    } finally {
      committed.announce();
    }
    return committed.result;
  }

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
      refuseNested(deps.connection);
      return explained(file, write(work));
    },
    alone: async (work) => {
      refuseNested(deps.connection);
      return explained(
        file,
        writers.take(async () => gated(work)),
      );
    },
    queued: () => writers.queued(),
  };
}

/** The transaction around what runs now; work that outlives it finds it closed. */
interface Around {
  readonly connection: SqliteConnection;
  isOpen: boolean;
}

const around = new AsyncLocalStorage<Around>();

/** @throws {SkeinError} SKN-0102 at once, where waiting would never end. */
function refuseNested(connection: SqliteConnection): void {
  const outer = around.getStore();
  if (outer?.isOpen === true && outer.connection === connection) {
    throw new SkeinError(storeErrors.nested);
  }
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

function createAttempts(deps: TransactionsDeps): Attempts {
  const { connection, time, anchor, project } = deps;
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const beginRead = connection.prepare("BEGIN");
  const commit = connection.prepare("COMMIT");
  const rollback = connection.prepare("ROLLBACK");
  const beat = createBeat(deps);

  async function inside<T>(work: (open: OpenTransaction) => Promise<T>): Promise<T> {
    const open = openTransaction(connection, { project, nowMs: storeTimeMs(anchor, time) });
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
    read: async (work) => {
      beginRead.run();
      return inside(async ({ tx }) => {
        const result = await work(tx);
        commit.run();
        return result;
      });
    },
    write: async (work) => {
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

function undo(rollback: SqliteStatement): void {
  try {
    rollback.run();
  } catch {
    // After a full disk or a broken page SQLite has already rolled back by itself.
  }
}

/** Writes down how far the store's time has come, about once a second of writing. */
interface Beat {
  /** Records the time in this transaction when it is due; tells whether it did. */
  record(nowMs: number): boolean;
  /** Is told of the commit. */
  confirm(nowMs: number): void;
}

function createBeat({ connection, witnessOf, file, isFlushed }: TransactionsDeps): Beat {
  const update = connection.prepare(updateLastMs);
  let lastMs = 0;
  return {
    record: (nowMs) => {
      const isDue = nowMs - lastMs >= beatMs;
      if (isDue) {
        update.run(nowMs, nowMs);
      }
      return isDue;
    },
    confirm: (nowMs) => {
      lastMs = nowMs;
      if (witnessOf !== null) {
        writeWitness(file, { storeId: witnessOf, lastMs: isFlushed ? nowMs : 0 });
      }
    },
  };
}
