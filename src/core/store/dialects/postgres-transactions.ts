import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { createHooks } from "../hooks.ts";
import type { TransactionHooks } from "../hooks.ts";
import type { Reader, SqlValue, Transaction } from "../store.ts";
import { commitUnknown, explainPostgres, isTransient } from "./postgres-faults.ts";
import type { PostgresPool, PostgresResult } from "./postgres-driver.ts";
import { createStatements, openSession } from "./postgres-link.ts";
import type { Link, PostgresOutcome, ServerFault } from "./postgres-link.ts";

/** Milliseconds of the server's clock. */
const serverMs = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now_ms";

/** How long a transaction of ours may stand still between two statements: a process that stopped must not keep its project locked. */
const idleMs = 30_000;

/**
 * Opens a transaction, sets its limits and tells the time, all in one message: each round trip counts twice where others wait for the lock.
 * The limits are the transaction's own, since a pooler may hand the connection to another program after it.
 */
function openingOf({ project, lockMs, statementMs }: PostgresDeps): Readonly<Record<Mode, string>> {
  const limits = `SET LOCAL statement_timeout = ${String(statementMs)};
    SET LOCAL idle_in_transaction_session_timeout = ${String(idleMs)}`;
  return {
    read: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${limits}; SELECT ${serverMs}`,
    // The clock is read outside of the locking part: inside, it would tell the time before the wait.
    write: `BEGIN ISOLATION LEVEL READ COMMITTED; ${limits}; SET LOCAL lock_timeout = ${String(lockMs)};
      WITH held AS MATERIALIZED (SELECT project FROM store_projects WHERE project = ${literal(project)} FOR UPDATE)
      SELECT ${serverMs} FROM held`,
  };
}

type Mode = "read" | "write";

/** A text as it stands in SQL, whatever the server thinks of backslashes. */
function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

export interface PostgresDeps {
  readonly pool: PostgresPool;
  readonly project: string;
  /** How long the server may wait for the project's row, in milliseconds. */
  readonly lockMs: number;
  /** How long the server may work on one statement, in milliseconds. */
  readonly statementMs: number;
}

/** Single tries of a transaction. */
export interface PostgresAttempts {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<PostgresOutcome<T>>;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<PostgresOutcome<T>>;
}

/** Makes the attempts on a pool: each takes a connection and gives it back. */
export function createAttempts(deps: PostgresDeps): PostgresAttempts {
  const { pool, project } = deps;
  const statements = createStatements();
  const opening = openingOf(deps);

  async function attempt<T>(plan: Plan<T>): Promise<PostgresOutcome<T>> {
    const session = await openSession(pool, statements);
    if (session.kind === "again") {
      return session;
    }
    const { link } = session.result;
    try {
      const result = await perform(link, project, plan);
      session.result.release(false);
      return { kind: "done", result };
    } catch (error) {
      const fault = link.faultOf(error);
      if (fault?.fault === "unprepared") {
        statements.forget();
      }
      session.result.release(fault?.fault === "connection" || (await undo(link)) === "broken");
      return outcomeOf(error, fault);
    }
  }

  return {
    read: async (work) => attempt({ opening: opening.read, work }),
    write: async (work) => attempt({ opening: opening.write, work }),
  };
}

/** What a transaction runs: its opening, whose last statement tells the time, and the work. */
interface Plan<T> {
  readonly opening: string;
  readonly work: (tx: Transaction) => Promise<T>;
}

async function perform<T>(link: Link, project: string, plan: Plan<T>): Promise<T> {
  const nowMs = await link.open(plan.opening);
  if (nowMs === null) {
    throw new SkeinError(storeErrors.foreign, {
      message: `The project ${project} has no row in store_projects, so no writer can lock it.`,
      fix: "Start Skein again: opening the store adds the row.",
      facts: { project },
    });
  }
  const hooks = createHooks();
  const open = openTransaction(link, { project, nowMs, hooks });
  try {
    const result = await plan.work(open.tx);
    await hooks.runBefore();
    await link.commit();
    hooks.runAfter();
    return result;
  } finally {
    open.end();
  }
}

function outcomeOf<T>(error: unknown, fault: ServerFault | null): PostgresOutcome<T> {
  if (fault === null) {
    throw error;
  }
  if (fault.isCommitUnknown) {
    throw commitUnknown(fault.error);
  }
  if (!isTransient(fault.fault)) {
    throw explainPostgres(fault.error, fault.fault);
  }
  return { kind: "again", error: explainPostgres(fault.error, fault.fault) };
}

async function undo(link: Link): Promise<"usable" | "broken"> {
  try {
    await link.plain("ROLLBACK");
    return "usable";
  } catch {
    return "broken";
  }
}

interface Facts {
  readonly project: string;
  readonly nowMs: number;
  readonly hooks: TransactionHooks;
}

interface OpenTransaction {
  readonly tx: Transaction;
  end(): void;
}

function openTransaction(link: Link, { project, nowMs, hooks }: Facts): OpenTransaction {
  let isOpen = true;
  const ensureOpen = (): void => {
    if (!isOpen) {
      throw new Error("A statement was run after its transaction had ended; an await is missing.");
    }
  };
  const ask = async <Row>(
    sql: string,
    params: readonly SqlValue[],
  ): Promise<PostgresResult<Row>> => {
    ensureOpen();
    return link.query<Row>(sql, params);
  };
  return {
    tx: {
      project,
      nowMs,
      get: async <Row>(sql: string, params: readonly SqlValue[]) =>
        (await ask<Row>(sql, params)).rows[0] ?? null,
      all: async <Row>(sql: string, params: readonly SqlValue[]) =>
        (await ask<Row>(sql, params)).rows,
      run: async (sql, params) => (await ask(sql, params)).rowCount ?? 0,
      put: async (sql, params) => {
        ensureOpen();
        link.send(sql, params);
      },
      beforeCommit: (key, work) => {
        hooks.before(key, work);
      },
      afterCommit: (key, work) => {
        hooks.after(key, work);
      },
    },
    end: () => {
      isOpen = false;
    },
  };
}
