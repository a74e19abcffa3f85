import { createHooks } from "../hooks.ts";
import type { TransactionHooks } from "../hooks.ts";
import type { SqlValue, Transaction } from "../store.ts";
import type { SqliteDriver, SqliteStatement } from "./sqlite-driver.ts";
import { steadyParameters } from "./sqlite-parameters.ts";

/** One connection with its prepared statements. */
export interface SqliteConnection {
  readonly driver: SqliteDriver;
  /** The statement of a text, prepared once. */
  prepare(sql: string): SqliteStatement;
}

/** Wraps a driver. */
export function createConnection(driver: SqliteDriver): SqliteConnection {
  const statements = new Map<string, SqliteStatement>();
  return {
    driver,
    prepare: (sql) => {
      const known = statements.get(sql);
      if (known !== undefined) {
        return known;
      }
      const statement = driver.prepare(steadyParameters(sql));
      statements.set(sql, statement);
      return statement;
    },
  };
}

/**
 * How long SQLite itself waits for a lock, in milliseconds. It looks after 1 and 3 ms without a line of JavaScript, which costs a tenth of
 * our own looking; most waits end there. Anything longer would hold up this process and starve others.
 */
const shortWaitMs = 3;

/** Sets up a connection for a shared file; `:memory:` ignores what does not concern it. */
export function configure(driver: SqliteDriver, synchronous: "full" | "normal"): void {
  const pragmas = [
    `busy_timeout = ${String(shortWaitMs)}`,
    "journal_mode = WAL",
    `synchronous = ${synchronous}`,
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "mmap_size = 0",
    "cell_size_check = ON",
    "cache_size = -65536",
    "journal_size_limit = 16777216",
    "wal_autocheckpoint = 1000",
    ...(process.platform === "darwin" ? ["fullfsync = ON", "checkpoint_fullfsync = ON"] : []),
  ];
  for (const pragma of pragmas) {
    driver.exec(`PRAGMA ${pragma}`);
  }
}

/**
 * For a connection whose writers share transactions: what each would be undone with stays in memory. Of that SQLite keeps 64 KB there by itself, which
 * is less than most calls write, and makes a file for each call that writes more.
 */
export function keepUndoInMemory(driver: SqliteDriver): void {
  driver.exec("PRAGMA temp_store = MEMORY");
}

/** A transaction that runs, and the switch that ends it for those who kept it. */
export interface OpenTransaction {
  readonly tx: Transaction;
  readonly hooks: TransactionHooks;
  end(): void;
}

/** The words around a transaction's statements. */
export interface TransactionFacts {
  readonly project: string;
  readonly nowMs: number;
  /** When the transaction was begun, in milliseconds of `performance.now()`. */
  readonly lockedAtMs: number;
}

/** Makes the transaction that work is given; the caller has begun it and will commit it. */
export function openTransaction(
  connection: SqliteConnection,
  facts: TransactionFacts,
): OpenTransaction {
  const hooks = createHooks();
  let isOpen = true;
  const statementOf = (sql: string): SqliteStatement => {
    if (!isOpen) {
      throw new Error("A statement was run after its transaction had ended; an await is missing.");
    }
    return connection.prepare(sql);
  };
  const tx: Transaction = {
    project: facts.project,
    nowMs: facts.nowMs,
    lockedAtMs: facts.lockedAtMs,
    get: <Row>(sql: string, params: readonly SqlValue[]) =>
      answer(() => statementOf(sql).get<Row>(...params) ?? null),
    all: <Row>(sql: string, params: readonly SqlValue[]) =>
      answer(() => statementOf(sql).all<Row>(...params)),
    run: (sql, params) => answer(() => Number(statementOf(sql).run(...params).changes)),
    put: (sql, params) =>
      answer(() => {
        statementOf(sql).run(...params);
      }),
    beforeCommit: (key, work) => {
      hooks.before(key, work);
    },
    afterCommit: (key, work) => {
      hooks.after(key, work);
    },
  };
  return {
    tx,
    hooks,
    end: () => {
      isOpen = false;
    },
  };
}

/** What an async function would answer, with one object less: a claim runs a dozen statements. */
function answer<T>(ask: () => T): Promise<T> {
  try {
    return Promise.resolve(ask());
  } catch (error) {
    return Promise.reject(error);
  }
}
