/** A value that both databases bind and return alike. Booleans are 0 and 1; times are epoch milliseconds; money is micro-dollars. */
export type SqlValue = string | number | null;

/**
 * Reads rows. SQL is the common subset of SQLite and PostgreSQL with `?` for each parameter; a statement's text is its identity,
 * so it is written once as a constant and prepared once a connection.
 */
export interface Reader {
  /** The project that every statement names in its `WHERE`. */
  readonly project: string;
  /** The store's time at the start of this transaction. See `docs/store.md`: never the wall clock of this process alone. */
  readonly nowMs: number;
  /** The first row, or null. `Row` is believed: the statement and its row type stand side by side in a `tables.ts`. */
  get<Row>(sql: string, params: readonly SqlValue[]): Promise<Row | null>;
  all<Row>(sql: string, params: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** A query with its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** Tells what work most probably asks first, in no order; none: nothing that is known. Only a store that can ask it sooner wants to know. */
export type FirstQueries = () => readonly Query[];

/** Reads rows of one snapshot, and knows no time. */
export type TimelessReader = Omit<Reader, "nowMs">;

/** Reads and writes inside one write transaction. */
export interface Transaction extends Reader {
  /** Since when this process holds the lock, in milliseconds of `performance.now()`; writers that share a transaction share it. */
  readonly lockedAtMs: number;
  /** Runs a writing statement and tells how many rows it changed. */
  run(sql: string, params: readonly SqlValue[]): Promise<number>;
  /**
   * Runs a writing statement whose number of rows nobody asks for. A server may still be at it when this answers, so that no round trip is
   * waited for: what goes wrong comes out of a later statement or of the commit, and undoes the transaction either way.
   */
  put(sql: string, params: readonly SqlValue[]): Promise<void>;
  /** Registers work that runs once, in this transaction, just before it commits (the event log's head is flushed there). */
  beforeCommit(key: object, work: () => Promise<void>): void;
  /** Registers work that runs once, after a successful commit only (the doorbell). */
  afterCommit(key: object, work: () => void): void;
}

/** The state of the queue of writers of this process. */
export interface StoreLoad {
  /** Writers waiting in this process, the running one included. */
  readonly queued: number;
  /** The bound of the queue. */
  readonly limit: number;
  /** How often a write of this process had to wait for another process to let it, since the store was opened; 0 where the server lines them up. */
  readonly waits: number;
  /** How often such a write waited half a second and longer while others wrote, one after the other; 0 where the server lines them up. */
  readonly crowds: number;
}

/**
 * A project's rows. One writer a project at a time, on both databases; a write transaction holds the lock from its first statement.
 * Work given to `write` awaits nothing but statements of its transaction, and may run again from the start after a transient
 * fault, so it has no effect outside the transaction but through `afterCommit`.
 */
export interface Store {
  readonly dialect: "sqlite" | "postgres";
  readonly project: string;
  /** Runs reads on one snapshot. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * The same for work that needs no time for its first statements: a server answers it a way there and back sooner, since they go out with the
   * opening. The time is there with the first answer; asked for before, it throws.
   */
  glance<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * Runs one write transaction; rolls back when `work` throws. `first` tells what the work most probably asks before anything else: a server is asked it
   * with the opening, a way there and back sooner. Work that asks for something else before changes nothing by it.
   * @throws {SkeinError} SKN-7xxx when busy, full or broken.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, first?: FirstQueries): Promise<T>;
  load(): StoreLoad;
  /** Names this boot of this host: processes of another boot are dead. */
  readonly bootId: string;
  readonly maintenance: Maintenance;
  /** Waits for the running transaction, then lets go of the database; later calls fail with SKN-7112. */
  close(): Promise<void>;
}

/** What a check of the database found. */
export interface StoreHealth {
  readonly ok: boolean;
  /** The database's own words for each fault; empty when it is well. */
  readonly problems: readonly string[];
  /** The version of the database library or server. */
  readonly engine: string;
  readonly schemaVersion: number;
  /** The size of all pages, in bytes. */
  readonly sizeBytes: number;
}

/** The care of a store, apart from its rows. None of it copies or reads the live files behind the database's back. */
export interface Maintenance {
  /** Writes a consistent copy into a new file while others read and write. @throws {SkeinError} where there is no such copy. */
  backup(file: string): Promise<void>;
  /** Moves the journal into the database and gives back unused pages. */
  tidy(): Promise<void>;
  /** Lets a server's planner know how many rows some tables have, after many were written at once; where nothing is planned by numbers it does nothing. */
  recount(tables: readonly string[]): Promise<void>;
  /** Checks the structure of the database: `quick` skips the comparison of indexes with their tables. */
  health(depth: "quick" | "full"): Promise<StoreHealth>;
}

/** One step of the schema. Steps run in order of `version`, each in one transaction, and are never edited after a release. */
export interface Migration {
  /** 1, 2, 3 … without a gap over all modules. */
  readonly version: number;
  readonly name: string;
  /** Statements in the common subset, each ending without a semicolon. `BIGINT` for whole numbers, `TEXT` for text. */
  readonly statements: readonly string[];
}
