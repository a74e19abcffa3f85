import type { Random } from "../../base/clock.ts";
import { SkeinError } from "../../base/errors.ts";
import { createBackoff } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import { storeErrors } from "../errors.ts";
import { orderMigrations } from "../migrating.ts";
import type { Migration, Store, StoreLoad } from "../store.ts";
import type { TimeSource } from "../time.ts";
import { createTurn } from "../turn.ts";
import { configure, createConnection } from "./sqlite-connection.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { openBetterSqlite } from "./sqlite-driver.ts";
import type { OpenSqlite, SqliteDriver } from "./sqlite-driver.ts";
import { explainSqlite, looking } from "./sqlite-faults.ts";
import { createFlush, noFlush } from "./sqlite-flush.ts";
import type { Flush } from "./sqlite-flush.ts";
import { createMaintenance } from "./sqlite-maintenance.ts";
import { fileSystemTypeOf, preparePlace } from "./sqlite-place.ts";
import type { FileSystemType } from "./sqlite-place.ts";
import * as schema from "./sqlite-schema.ts";
import type { GroupLimits } from "./sqlite-group.ts";
import { createTransactions } from "./sqlite-transactions.ts";
import type { SqliteTransactions } from "./sqlite-transactions.ts";
import { createTurns, lonely } from "./sqlite-turns.ts";
import type { Turns } from "./sqlite-turns.ts";
import { untilFree } from "./sqlite-waiting.ts";
import type { Waiting } from "./sqlite-waiting.ts";
import { hasLostCommits, readWitness } from "./witness.ts";

export interface SqliteSettings {
  /** `full` flushes every commit to the disk; `normal` may forget the last commits at a power cut. Default `full`. */
  readonly synchronous?: "full" | "normal" | undefined;
  /** How long a writer waits for its turn and the lock where nobody gets on, in milliseconds; six times that while others do. Default 5,000. */
  readonly waitMs?: number | undefined;
  /** How many writers may wait in this process. Default 100. */
  readonly queueLimit?: number | undefined;
  /**
   * True: writers that wait at the same time share one transaction and one flush, each undone alone when it throws. For a process that writes
   * for many. Default false.
   */
  readonly groupCommit?: boolean | undefined;
}

export interface SqliteStoreOptions {
  /** An absolute path, or `:memory:`. */
  readonly file: string;
  readonly project: string;
  /** The steps of all modules, in any order. */
  readonly migrations: readonly Migration[];
  readonly time: TimeSource;
  readonly random: Random;
  readonly settings?: SqliteSettings | undefined;
  /** Opens the connection. Default better-sqlite3. */
  readonly openDriver?: OpenSqlite | undefined;
  /** Tells the kind of file system. Default `statfs`. */
  readonly fileSystemType?: FileSystemType | undefined;
}

function groupOf({ groupCommit = false, queueLimit = 100 }: SqliteSettings): GroupLimits | null {
  return groupCommit ? { members: mostMembers, queue: queueLimit } : null;
}

/** So many writers share one transaction at most: the lock is not held from other processes for long. */
const mostMembers = 64;

/** The name of a database that lives in this process only. */
export const memoryFile = ":memory:";

/**
 * Opens a project's store in a SQLite file and brings its schema up to date.
 * @throws {SkeinError} SKN-71xx: each tells what is wrong with the file or its place, and the next step.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, project, time, settings = {} } = options;
  const { synchronous = "full", waitMs = 5_000, queueLimit = 100 } = settings;
  const migrations = orderMigrations(options.migrations);
  if (file !== memoryFile) {
    preparePlace(file, options.fileSystemType ?? fileSystemTypeOf);
  }
  const backoff = createBackoff(options.random);
  const driver = openDriver(options);
  try {
    const shared = shareWithOthers(file, synchronous, backoff);
    const met = { waits: 0, crowds: 0 };
    const waiting: Waiting = {
      backoff,
      waitMs,
      turns: shared.turns,
      commits: () => commitsOfOthers(driver),
      ...countingIn(met),
    };
    const connection = createConnection(driver);
    await untilFree(waiting, async () => looking(file, () => prepare(driver, file, shared.pragma)));
    await bringUp(connection, { file, migrations, time, waiting });
    const anchor = await untilFree(
      waiting,
      async () =>
        schema.readAnchor(driver, time) ?? inWrite(driver, () => schema.writeAnchor(driver, time)),
    );
    const own = schema.readOwnWitness(driver);
    const transactions = createTransactions({
      connection,
      project,
      time,
      anchor,
      waiting,
      file,
      writers: createTurn({ limit: queueLimit, waitMs }),
      gate: createTurn({ limit: Number.POSITIVE_INFINITY, waitMs }),
      flush: shared.flush,
      witnessOf: file === memoryFile || own === null ? null : own.storeId,
      isFlushed: synchronous === "full",
      group: groupOf(settings),
    });
    return storeOf(options, { connection, transactions, queueLimit, shared, met });
  } catch (error) {
    driver.close();
    throw explainSqlite(error, file);
  }
}

function countingIn(met: { waits: number; crowds: number }): Pick<Waiting, "onWait" | "onCrowd"> {
  return {
    onWait: () => {
      met.waits += 1;
    },
    onCrowd: () => {
      met.crowds += 1;
    },
  };
}

/** https://www.sqlite.org/pragma.html#pragma_data_version */
function commitsOfOthers(driver: SqliteDriver): number {
  const row = driver.prepare("PRAGMA data_version").get<{ readonly data_version: number }>();
  return row?.data_version ?? 0;
}

/** What a connection needs to get on with those of other processes. */
interface Shared {
  readonly turns: Turns;
  readonly flush: Flush;
  /** What SQLite itself is told of flushing. */
  readonly pragma: "full" | "normal";
}

function shareWithOthers(file: string, synchronous: "full" | "normal", backoff: Backoff): Shared {
  if (file === memoryFile) {
    return { turns: lonely(backoff), flush: noFlush, pragma: "normal" };
  }
  const turns = createTurns(file, backoff);
  // Windows flushes only what was opened for writing, and a second writer of the journal is one too many: there SQLite flushes.
  return synchronous === "full" && process.platform !== "win32"
    ? { turns, flush: createFlush(file), pragma: "normal" }
    : { turns, flush: noFlush, pragma: synchronous };
}

interface StoreParts {
  readonly connection: SqliteConnection;
  readonly transactions: SqliteTransactions;
  readonly queueLimit: number;
  readonly shared: Shared;
  /** How often its writes met those of other processes. */
  readonly met: Pick<StoreLoad, "waits" | "crowds">;
}

function storeOf(
  { project, time, file }: SqliteStoreOptions,
  { connection, transactions, queueLimit, shared, met }: StoreParts,
): Store {
  let closing: Promise<void> | null = null;
  const isClosed = (): SkeinError => new SkeinError(storeErrors.closed, { facts: { file } });
  const ensureOpen = (): void => {
    if (closing !== null) {
      throw isClosed();
    }
  };
  const close = async (): Promise<void> => {
    closing ??= transactions.alone(async () => {
      await shared.flush.close();
      shared.turns.close();
      connection.driver.close();
    });
    await closing;
  };
  const read: Store["read"] = async (work) => {
    ensureOpen();
    return transactions.read(work);
  };
  return {
    dialect: "sqlite",
    project,
    bootId: time.bootId,
    read,
    glance: read,
    write: (work) => (closing === null ? transactions.write(work) : Promise.reject(isClosed())),
    load: () => ({ queued: transactions.queued(), limit: queueLimit, ...met }),
    maintenance: createMaintenance({
      driver: connection.driver,
      file,
      alone: async (work) => {
        ensureOpen();
        return transactions.alone(work);
      },
    }),
    close,
  };
}

function openDriver({
  openDriver: open = openBetterSqlite,
  file,
}: SqliteStoreOptions): SqliteDriver {
  try {
    return open(file);
  } catch (error) {
    throw explainSqlite(error, file);
  }
}

function prepare(driver: SqliteDriver, file: string, synchronous: "full" | "normal"): void {
  if (file !== memoryFile) {
    schema.checkLibrary(driver);
  }
  configure(driver, synchronous);
}

interface BringUpOptions {
  readonly file: string;
  readonly migrations: readonly Migration[];
  readonly time: TimeSource;
  readonly waiting: Waiting;
}

/** Checks whose file it is and that nothing was lost, then runs the schema's missing steps, each in a transaction of its own. */
async function bringUp(
  { driver }: SqliteConnection,
  { file, migrations, waiting }: BringUpOptions,
): Promise<void> {
  const witness = file === memoryFile ? null : readWitness(file);
  await untilFree(waiting, async () => {
    looking(file, () => schema.checkSchema(driver, migrations, file));
    if (
      hasLostCommits(
        witness,
        looking(file, () => schema.readOwnWitness(driver)),
      )
    ) {
      throw new SkeinError(storeErrors.lostCommits, {
        message: `${file} lacks work that was confirmed.`,
        facts: { file, witness: `${file}-witness` },
      });
    }
  });
  while (!(await untilFree(waiting, async () => schema.isMigrated(driver, migrations)))) {
    await untilFree(waiting, async () =>
      inWrite(driver, () => schema.migrateOnce(driver, migrations)),
    );
  }
}

function inWrite<T>(driver: SqliteDriver, work: () => T): T {
  driver.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    driver.exec("COMMIT");
    return result;
  } catch (error) {
    rollback(driver);
    throw error;
  }
}

function rollback(driver: SqliteDriver): void {
  try {
    driver.exec("ROLLBACK");
  } catch {
    // After a full disk or a broken page SQLite has already rolled back by itself.
  }
}
