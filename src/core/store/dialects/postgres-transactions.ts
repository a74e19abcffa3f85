import { createHash } from "node:crypto";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { createHooks } from "../hooks.ts";
import type { TransactionHooks } from "../hooks.ts";
import type { Reader, SqlValue, Transaction } from "../store.ts";
import { commitUnknown, explainPostgres, faultOf, isTransient } from "./postgres-faults.ts";
import type { PostgresFault } from "./postgres-faults.ts";
import { numberParameters, plainTypes } from "./postgres-driver.ts";
import type { PostgresClient, PostgresPool, PostgresResult } from "./postgres-driver.ts";

/** Milliseconds of the server's clock. */
const serverMs = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now_ms";

const readClock = `SELECT ${serverMs}`;

/** The clock is read outside of the locking part: inside, it would tell the time before the wait. */
const lockProject = `WITH held AS MATERIALIZED (SELECT project FROM store_projects WHERE project = ? FOR UPDATE)
  SELECT ${serverMs} FROM held`;

/** A failure of the server itself, as against one of the work. */
interface ServerFault {
  readonly error: unknown;
  readonly fault: PostgresFault;
  /** True when the commit was sent and its answer never came. */
  readonly isCommitUnknown: boolean;
}

/** How an attempt ended. */
export type PostgresOutcome<T> =
  | { readonly kind: "done"; readonly result: T }
  /** Nothing was written; the same work may succeed later. */
  | { readonly kind: "again"; readonly error: unknown };

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
export function createAttempts({ pool, project, lockMs }: PostgresDeps): PostgresAttempts {
  const statements = createStatements();

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
      session.result.release((await undo(link)) === "broken");
      return outcomeOf(error, fault);
    }
  }

  return {
    read: async (work) =>
      attempt({
        begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        clock: readClock,
        clockParams: [],
        work,
      }),
    write: async (work) =>
      attempt({
        begin: `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${String(lockMs)}`,
        clock: lockProject,
        clockParams: [project],
        work,
      }),
  };
}

/** What a transaction runs: its opening, the statement that tells the time, and the work. */
interface Plan<T> {
  readonly begin: string;
  readonly clock: string;
  readonly clockParams: readonly SqlValue[];
  readonly work: (tx: Transaction) => Promise<T>;
}

async function perform<T>(link: Link, project: string, plan: Plan<T>): Promise<T> {
  await link.plain(plan.begin);
  const clock = await link.query<{ now_ms: number }>(plan.clock, plan.clockParams);
  const nowMs = clock.rows[0]?.now_ms;
  if (nowMs === undefined) {
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
  const ask = async <Row>(
    sql: string,
    params: readonly SqlValue[],
  ): Promise<PostgresResult<Row>> => {
    if (!isOpen) {
      throw new Error("A statement was run after its transaction had ended; an await is missing.");
    }
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

/** One connection during one attempt; remembers which failures were the server's. */
interface Link {
  plain(text: string): Promise<void>;
  query<Row>(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<Row>>;
  commit(): Promise<void>;
  /** The server's failure behind an error, or null when the work itself threw it. */
  faultOf(error: unknown): ServerFault | null;
}

interface Session {
  readonly link: Link;
  release(isBroken: boolean): void;
}

async function openSession(
  pool: PostgresPool,
  statements: Statements,
): Promise<PostgresOutcome<Session>> {
  let client: PostgresClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { kind: "again", error: explainPostgres(error, "connection") };
  }
  return {
    kind: "done",
    result: {
      link: createLink(client, statements),
      release: (isBroken) => {
        client.release(isBroken);
      },
    },
  };
}

function createLink(client: PostgresClient, statements: Statements): Link {
  let last: ServerFault | null = null;
  const guarded = async <T>(answer: Promise<T>, isCommit: boolean): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      const fault = faultOf(error);
      last = { error, fault, isCommitUnknown: isCommit && fault === "connection" };
      throw error;
    }
  };
  return {
    plain: async (text) => {
      await guarded(client.query({ text }), false);
    },
    query: async <Row>(sql: string, params: readonly SqlValue[]) =>
      guarded(
        client.query<Row>({ ...statements.of(sql), values: [...params], types: plainTypes }),
        false,
      ),
    commit: async () => {
      await guarded(client.query({ text: "COMMIT" }), true);
    },
    faultOf: (error) => (last?.error === error ? last : null),
  };
}

interface Statements {
  of(sql: string): { readonly text: string; readonly name: string };
}

/** Names each statement by its text, so that every connection of a pool parses it once, whichever store asks. */
function createStatements(): Statements {
  const known = new Map<string, { readonly text: string; readonly name: string }>();
  return {
    of: (sql) => {
      const found = known.get(sql);
      if (found !== undefined) {
        return found;
      }
      const text = numberParameters(sql);
      const name = `skein_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
      const statement = { text, name };
      known.set(sql, statement);
      return statement;
    },
  };
}
